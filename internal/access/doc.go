// Package access knows who may do what: API roots, collections, users and tokens as typed
// records in a store, a directory of them in memory that requests are judged by, and the
// checking of passwords and tokens.
//
// Nothing is allowed unless a collection's lists say so. The lists name users or groups;
// [Anyone] in a list stands for every request, with or without a log-in.
package access
