// Package check finds in a text what should not leave the house that it was written in: names and
// addresses of the inner network, credentials, cookies, session ids, personal data.
//
// [Checker.Text] looks through lines of a log, [Checker.JSON] through any JSON, STIX among it, of
// which it reads the names of members too: "password": "…" is a password whatever it looks like.
// A [Finding] says what it is, where, and what to do, and shows how long it is and never what it
// says: a report about secrets is read by more people than the secrets.
//
// It is a net and no proof. A text without findings has none of the shapes that the package knows;
// a secret in base64 or an unknown person's name goes through. What is found without being secret
// is the price: a phone number is any run of digits that is written like one.
//
// Where package internal/anonymise finds the same in an object, both say so in the same words.
//
// Everything takes time linear to the text, and the number of findings is bounded.
package check
