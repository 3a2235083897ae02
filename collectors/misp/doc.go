// Package misp reads events of MISP, from feeds that are folders of files and from the API of a
// server. An event becomes a report, its attributes and objects become indicators and
// observables, its galaxies become malware, tools, groups and techniques.
//
// Events can have hundreds of thousands of attributes. An event is therefore walked twice where
// its bytes lie: once for what counts for all of it, such as markings, whatever place it has in
// the text, and once attribute by attribute. Memory grows with the bytes of the largest answer,
// which the feed's max_bytes bounds, and not with the objects that are made of it.
package misp
