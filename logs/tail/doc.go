// Package tail follows logs that are still written, from one look at them to the next, however
// far apart: each line is read once, also when the file is rotated meanwhile.
//
// A [Log] is all that was ever written under one name. It consists of parts, each in one file: a
// rotation ends one and begins the next. A file is known by its place on the disk and, because
// such places are given away again, by what stands at its beginning and where it ended at the last
// look. So a part is found again after it was renamed, compressed with gzip, or copied before the
// file was emptied (copytruncate), as long as it stays in the folder. Files that were rotated twice
// between two looks are found by their names (log.1, log-20261102, log.2.gz) and times.
//
// What was written to a file that has a successor is read until nothing was added for a while
// ([Options].Settle): programs write on into the old file until they are told of the new one.
//
// # What cannot be known
//
// A file that is emptied without a copy takes with it what was written since the last look. One
// that is emptied and then written with the very same bytes at its beginning and at the place of
// the last look, is taken for one that has grown. What is added to a rotated file after it has
// settled is not seen, and what was packed by anything but gzip is gone.
//
// Files come in the order in which they were written last. A file that was rotated while it was
// empty has nothing to be known by: if it is removed, and its place on the disk given to a later
// one, lines of that one may come before those of the files between.
package tail
