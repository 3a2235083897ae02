package mutants

import "slices"

// A Mutant is a server with one deliberate fault.
type Mutant struct {
	Name  string // kebab-case and unique, such as added-after-inclusive
	Fault string // what the server does wrong, in one sentence
	Fails string // the ID of the one case that must fail or warn, such as T21-3.4-03

	Secure bool // the fault shows over TLS alone; the server is to be started with StartTLS

	change func(*behaviour)
}

// All returns every mutant, in the order of the lists below, which follow the clauses.
func All() []Mutant {
	return slices.Concat(
		dataTypeMutants(),
		emptyListMutants(),
		mediaTypeMutants(),
		headerMutants(),
		sortingMutants(),
		filterMutants(),
		paginationMutants(),
		listMutants(),
		errorMutants(),
		envelopeMutants(),
		statusMutants(),
		collectionMutants(),
		recordMutants(),
		objectsMutants(),
		addMutants(),
		addBodyMutants(),
		objectMutants(),
		deleteMutants(),
		versionsMutants(),
		discoveryMutants(),
		apiRootMutants(),
		customMutants(),
		transportMutants(),
		authenticationMutants(),
		statusCodeMutants(),
		securityMutants(),
		httpMutants(),
		clientMutants(),
		robustnessMutants(),
		contentMutants(),
		fidelityMutants(),
		cursorMutants(),
		interopMutants(),
		losslessMutants(),
	)
}

// Server returns a new server with the mutant's fault and data of its own. It is not started.
func (m Mutant) Server() *Server {
	b := correct()
	m.change(&b)
	return newServer(b)
}
