// Package collectortest runs a kind of collectors over folders of test data, and plays a
// source that misbehaves.
//
// A case is a folder testdata/cases/<case> with
//
//   - config.yaml, a feed as users write it, and what [Config] adds: answers by path and with a
//     status, the cursor, what is in the collection already;
//   - input.*, what the source serves;
//   - want.json, what the collector makes of it, or want.err, a text that its error contains.
//
// The URL in config.yaml may be the real one: its requests go to a server on the loopback
// interface. A url that is a relative path reads a file of the case. Run the test with -update
// to write want.json, and read the difference before committing it.
package collectortest
