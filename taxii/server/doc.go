// Package server answers TAXII 2.1 requests out of a store. It is the only package that
// knows the web framework.
package server
