// Package pattern reads, checks and normalises patterns in the STIX patterning language (STIX
// 2.1 §9), and names the values in them. Package match below it matches them.
//
// [Parse] accepts what the grammar of the standard accepts, and beyond the grammar wants hash
// values to have the form of their algorithm, qualifiers to be above zero, timestamps to be
// days that exist, and no qualifier twice behind a closing bracket. What is well-formed and
// yet unlikely to be meant is left to [Pattern.Check].
//
// # Normal form
//
// [Pattern.String] writes a pattern in its normal form. Two patterns have the same one if and
// only if they differ in spelling alone, and spelling is:
//
//   - white space and comments;
//   - == for =, and <> for !=;
//   - parentheses that change nothing, among them those around a chain of the same operator;
//   - quotes around a name in a path that needs none;
//   - a plus sign, a minus sign before zero, leading and trailing zeros of a float, digits of a
//     float beyond what a float64 holds;
//   - an integer that an int64 does not hold for the float nearest to it, and an index or a
//     number of REPEATS that an int does not hold for the greatest or least one;
//   - a number of seconds or a float beyond the finite ones for the greatest or least of those;
//   - the case of hexadecimal digits, and bits of base64 that stand for no byte;
//   - trailing zeros of the fraction of a timestamp, and a leap second for the second after it;
//   - WITHIN 5 SECONDS for WITHIN 5.0 SECONDS.
//
// The order and the repetition of operands and of set members, NOT = for !=, a float for an
// integer, and hexadecimal for base64 are not spelling: they are other things to say, even
// where they match the same observations.
package pattern
