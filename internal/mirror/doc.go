// Package mirror keeps a folder or a file in step with a remote TAXII collection, through
// kills of either side.
//
// A page's objects are durable before the state that lies behind them is, so that a run that
// ends anywhere, by a signal or a power cut, is continued by the next one without a loss.
package mirror
