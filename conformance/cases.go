package conformance

import "slices"

// Cases returns every case there is, in the order in which they run.
func Cases() []Case {
	return slices.Concat(
		dataTypeCases(),
		mediaTypeCases(),
		headerCases(),
		sortingCases(),
		filterCases(),
		paginationCases(),
		nextCases(),
		errorCases(),
		envelopeCases(),
		discoveryCases(),
		apiRootCases(),
		statusCases(),
		statusCountCases(),
		collectionsCases(),
		collectionCases(),
		manifestCases(),
		objectsCases(),
		addCases(),
		addBodyCases(),
		objectCases(),
		deleteCases(),
		versionsCases(),
		customCases(),
		transportCases(),
		authenticationCases(),
		statusCodeCases(),
		securityCases(),
		httpCases(),
		clientCases(),
		fidelityCases(),
		cursorCases(),
		interopCases(),
		losslessCases(),
		robustnessCases(),
		contentCases(),
	)
}
