// Package client is a TAXII 2.1 client for servers as they are: it finds collections from
// whatever URL an operator has, polls them so that nothing is lost and nothing loops, and
// pushes objects within the limits the server states.
//
// A [Client] is made from a URL, which may be a discovery URL, an API root or a collection.
// [Client.Collection] leads to a [Collection], and [Collection.Poll] walks its objects page
// by page from a [State] that the caller keeps:
//
//	for page, err := range collection.Poll(ctx, state, client.Match{}) {
//		if err != nil {
//			return err
//		}
//		keep(page.Elements) // durably
//		save(page.State)    // and only then
//	}
//
// Requests that meet a busy server or a broken connection are repeated. Credentials go to the
// host of the URL that the client was made from and to no other.
package client
