package mutants

import "slices"

// onSuccess lets f bend the 2xx answers of these endpoints, or of all when none is named.
func (b *behaviour) onSuccess(f func(c *call, rep *reply), at ...endpoint) {
	b.finish = func(c *call, rep *reply) {
		if rep.status < 300 && (len(at) == 0 || slices.Contains(at, c.endpoint)) {
			f(c, rep)
		}
	}
}

// onFailure lets f bend the answers with these codes, or every 4xx when none is named.
func (b *behaviour) onFailure(f func(c *call, rep *reply), codes ...int) {
	b.finish = func(c *call, rep *reply) {
		if rep.status >= 400 && (len(codes) == 0 || slices.Contains(codes, rep.status)) {
			f(c, rep)
		}
	}
}
