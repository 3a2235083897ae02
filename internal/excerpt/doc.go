// Package excerpt gives readers what they may have of objects with granular markings.
//
// An excerpt is an object without the parts that some readers may not have (STIX 2.1 §7.2.3),
// under an id of its own (§3.5). It is made when the object goes into a collection that redacts,
// and is an entry like any other from then on: a page costs no more, and dates, cursors and
// versions work as they do for objects. Its marks say for whom it is, see [marking.Excerpt].
package excerpt
