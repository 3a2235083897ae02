// Package taxii is TAXII 2.1 on the wire: its resources, media types, headers, timestamps,
// filters and errors, for servers and clients alike. Section numbers in the comments are
// those of the OASIS Standard of 10 June 2021.
package taxii
