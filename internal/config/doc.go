// Package config reads the two kinds of files that tell Cabstand what to do: cabstand.yaml
// about the process, and resources about what it serves.
//
// Reading is strict. A key that nobody knows, a value of the wrong kind or a broken rule is an
// error with file, line and column and, for a slip of the pen, the key that was meant.
package config
