package mutants

import (
	"crypto/tls"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// correct returns a behaviour without fault.
func correct() behaviour {
	return behaviour{
		transport: transport{
			handle:     passOn,
			segments:   pathSegments,
			methods:    methodsOf,
			finish:     func(*call, *reply) {},
			compresses: asksForGzip,
			tls:        func(*tls.Config) {},
			secure:     tls.NewListener,
			now:        time.Now,
		},
		access: access{
			authenticate: authenticateUser,
			challenges:   []string{`Basic realm="taxii", charset="UTF-8"`, `Bearer realm="taxii"`},
			knows:        knowsCollection,
			rights:       rightsOf,
			refusal:      refusalCode,
			seesStatus:   isOwner,
		},
		negotiation: negotiation{
			accepts:     acceptsTAXII,
			understands: understandsTAXII,
			contentType: taxiiContentType,
		},
		filtering: correctFiltering(),
		paging: paging{
			maxPage:          100,
			order:            orderByPosition,
			orderCollections: orderByID,
			cut:              cutFront,
			encodeCursor:     sealCursor,
			decodeCursor:     openCursor,
			resume:           resumeCursor,
		},
		rendering: correctRendering(),
		adding: adding{
			advertisedBody: 1 << 20,
			maxBody:        1 << 20,
			readBody:       readBody,
			split:          splitEnvelope,
			checks:         objectChecks(),
			added:          202,
			same:           isSame,
			keep:           func(raw jsontext.Value) jsontext.Value { return raw },
			dates:          risingDates,
			version:        versionOf,
			maxSize:        256 << 20,
		},
		removing: removing{removed: 200, doomed: doomedVersions},
	}
}

func correctFiltering() filtering {
	return filtering{
		parameters:    filterParameters,
		once:          onlyOnce,
		parseAfter:    parseTimestamp,
		parseLimit:    parseNumber,
		parseList:     parseValues,
		parseVersions: checkVersions,
		parseSpecs:    checkSpecs,
		visible:       func(*call, *entry) bool { return true },
		isAfter:       func(e *entry, after time.Time) bool { return e.added.After(after) },
		matchesID:     func(e *entry, ids []string) bool { return slices.Contains(ids, e.id) },
		matchesType:   func(e *entry, types []string) bool { return slices.Contains(types, e.typ) },
		matchesSpec:   func(e *entry, specs []string) bool { return slices.Contains(specs, e.spec) },
		matchesField:  matchesInterop,
		pickVersions:  pickWanted,
		pickSpecs:     pickLatestSpec,
		knownObject:   func(_ *call, entries []*entry) bool { return len(entries) > 0 },
	}
}

func correctRendering() rendering {
	return rendering{
		headerTime:   timestamp,
		manifestTime: timestamp,
		statusTime:   timestamp,
		dateHeaders:  setDateHeaders,
		discovery:    discoveryDocument,
		apiRoot:      apiRootDocument,
		status:       statusDocument,
		detail:       detailDocument,
		collections:  collectionsDocument,
		collection:   collectionDocument,
		manifest:     manifestDocument,
		envelope:     envelopeDocument,
		versions:     versionsDocument,
		failure:      errorDocument,
	}
}
