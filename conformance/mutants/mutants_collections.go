package mutants

import (
	"net/http"
)

// collectionMutants err in the list of collections (§5.1) and in a collection (§5.2).
func collectionMutants() []Mutant {
	return []Mutant{
		{
			Name:  "no-collections-is-an-object",
			Fault: "In an API root without collections they are an empty object.",
			Fails: "T21-5.1-01",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.rows("collections") == nil {
						rep.doc.set("collections", newDocument())
					}
				}, atCollections)
			},
		},
		{
			Name:  "no-collections-is-null",
			Fault: "An API root without collections has the property collections, which is null.",
			Fails: "T21-5.1-02",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.rows("collections") == nil {
						rep.doc.set("collections", nil)
					}
				}, atCollections)
			},
		},
		{
			Name:   "wrong-password-on-collections-403",
			Fault:  "The list of collections with a wrong password is 403.",
			Fails:  "T21-5.1-03",
			change: func(b *behaviour) { b.forbidWrongPasswords(atCollections) },
		},
		{
			Name:  "collection-without-title",
			Fault: "A collection has no title when it is read by itself.",
			Fails: "T21-5.2-01a",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) { rep.doc.drop("title") }, atCollection)
			},
		},
		{
			Name:  "description-of-its-own",
			Fault: "A collection that is read by itself has another description than in the list.",
			Fails: "T21-5.2-01b",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					rep.doc.set("description", "This is "+c.col.title+".")
				}, atCollection)
			},
		},
		{
			Name:  "alias-twice",
			Fault: "Two collections have the same alias.",
			Fails: "T21-5.2-02",
			change: func(b *behaviour) {
				right := b.collection
				b.collection = func(c *call, col *collection) *document {
					d := right(c, col)
					if col.alias != "" {
						d.set("alias", "exchange")
					}
					return d
				}
			},
		},
		{
			Name:  "alias-is-unknown",
			Fault: "A collection is found by its id alone, in spite of its alias.",
			Fails: "T21-5.2-03",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.endpoint == atCollection && c.col != nil && c.collectionName != c.col.id {
						rep.status = http.StatusNotFound
						rep.doc = c.server.b.failure(c, rep.status, noCollection)
					}
				}
			},
		},
		{
			Name:  "writers-are-told-to-read",
			Fault: "can_read is true for everybody who may write.",
			Fails: "T21-5.2-04",
			change: func(b *behaviour) {
				right := b.collection
				b.collection = func(c *call, col *collection) *document {
					d := right(c, col)
					if d.get("can_write") == true {
						d.set("can_read", true)
					}
					return d
				}
			},
		},
		{
			Name:  "media-types-by-name",
			Fault: "media_types has names instead of media types.",
			Fails: "T21-5.2-05",
			change: func(b *behaviour) {
				right := b.collection
				b.collection = func(c *call, col *collection) *document {
					d := right(c, col)
					d.set("media_types", []string{stixType("2.1"), "STIX 2.1"})
					return d
				}
			},
		},
		{
			Name:   "wrong-password-on-collection-403",
			Fault:  "A collection with a wrong password is 403.",
			Fails:  "T21-5.2-06",
			change: func(b *behaviour) { b.forbidWrongPasswords(atCollection) },
		},
		{
			Name:  "unknown-collection-400",
			Fault: "A collection that does not exist is answered with 400.",
			Fails: "T21-5.2-07",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.endpoint == atCollection && c.root != nil && c.user != nil &&
						c.root.find(c.collectionName) == nil {
						rep.status = http.StatusBadRequest
						rep.doc = c.server.b.failure(c, rep.status, noCollection)
					}
				}
			},
		},
		{
			Name:  "no-rights-409",
			Fault: "A collection that the user may neither read nor write is answered with 409.",
			Fails: "T21-5.2-08",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.endpoint != atCollection || c.col == nil {
						return
					}
					if read, write := c.server.b.rights(c.user, c.col); !read && !write {
						rep.status = http.StatusConflict
						rep.doc = c.server.b.failure(c, rep.status, noCollection)
					}
				}
			},
		},
	}
}

// forbidWrongPasswords answers 403 instead of 401 to credentials that are wrong. A request
// without any is asked for them as it should be.
func (b *behaviour) forbidWrongPasswords(at endpoint) {
	b.finish = func(c *call, rep *reply) {
		if c.endpoint == at && rep.status == http.StatusUnauthorized &&
			c.req.Header.Get("Authorization") != "" {
			rep.status = http.StatusForbidden
			rep.doc = c.server.b.failure(c, rep.status, "The password is wrong.")
			rep.header.Del("WWW-Authenticate")
		}
	}
}
