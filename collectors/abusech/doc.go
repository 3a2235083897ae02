// Package abusech is what the collectors of abuse.ch's APIs have in common: how to ask, what the
// answers mean that hold no rows, and how rows become objects once each.
package abusech
