package rules

import (
	"errors"
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// form is what is asked of the values of one schema.Type.
type form struct {
	kind     byte   // the JSON kind by its first byte: '"', '0', 't', '{'
	kindRule string // the rule that a value of another kind breaks
	wanted   string // what messages call a value of that type
	rule     string // the rule that a string breaks when check finds fault with it
	check    func(text string) (fault string)
}

// forms has the form of every type. Types in braces are checked in braces.
var forms = [...]*form{
	schema.String:    {'"', ruleString, "a string", "", nil},
	schema.Enum:      {'"', "S21-2.4-01", "a word of an enumeration", "", nil},
	schema.OpenVocab: {'"', ruleString, "a string", "", nil},
	schema.Boolean:   {'t', "S21-2.2-01", "true or false", "", nil},
	schema.Float:     {'0', "S21-2.6-01", "a number", "", nil},
	schema.Integer:   {'0', "S21-2.10-01", "a whole number", "", nil},

	schema.Identifier: {'"', ruleReference, "an identifier", "", nil},
	schema.Timestamp:  {'"', ruleTimestamp, "a timestamp", "", nil},
	schema.Millis:     {'"', ruleTimestamp, "a timestamp", ruleMillis, millisFault},
	schema.Seconds:    {'"', ruleTimestamp, "a timestamp", "", nil},
	schema.Binary:     {'"', "S21-2.1-01", "base64 text", "S21-2.1-01", binaryFault},
	schema.Hex:        {'"', "S21-2.8-01", "hexadecimal text", "S21-2.8-01", hexFault},

	schema.Language:         {'"', ruleLanguage, "a language tag", ruleLanguage, languageFault},
	schema.Selector:         {'"', ruleSelector, "a selector", ruleSelector, selectorFault},
	schema.Charset:          {'"', ruleString, "a string", "S21-6.7-21", charsetFault},
	schema.MIMEType:         {'"', ruleString, "a string", "S21-6.1-21", mimeTypeFault},
	schema.CPE:              {'"', ruleString, "a string", "S21-6.14-21", cpeFault},
	schema.URL:              {'"', ruleString, "a URL", "S21-6.15-21", urlFault},
	schema.DomainName:       {'"', ruleString, "a domain name", "S21-6.4-21", domainFault},
	schema.EmailAddr:        {'"', ruleString, "an e-mail address", "S21-6.5-21", emailFault},
	schema.IPv4:             {'"', ruleString, "an IPv4 address", "S21-6.8-21", ipv4Fault},
	schema.IPv6:             {'"', ruleString, "an IPv6 address", "S21-6.9-21", ipv6Fault},
	schema.MAC:              {'"', ruleString, "a MAC address", "S21-6.10-21", macFault},
	schema.RegistryKey:      {'"', ruleString, "a registry key", "S21-6.17-21", registryKeyFault},
	schema.RelationshipType: {'"', ruleString, "a string", "S21-5.1-21", relationshipTypeFault},

	schema.ACSOrganization: {'"', ruleString, "an organisation", "ACS-04", organizationFault},
	schema.ACSOriginator:   {'"', ruleString, "an organisation", "ACS-05", originatorFault},
	schema.ACSPolicy:       {'"', ruleString, "a policy", "ACS-06", policyFault},
	schema.ACSAuthority:    {'"', ruleString, "an authority", "ACS-07", authorityFault},
	schema.ACSReceiver:     {'"', ruleString, "an organisation", "ACS-19", receiverFault},
	schema.ACSSharing:      {'"', ruleString, "an organisation", "ACS-21", sharingFault},

	schema.Dictionary:          {'{', ruleDictionary, "a dictionary", "", nil},
	schema.Strings:             {'{', ruleDictionary, "a dictionary", "", nil},
	schema.StringLists:         {'{', ruleDictionary, "a dictionary", "", nil},
	schema.Headers:             {'{', ruleDictionary, "a dictionary", "", nil},
	schema.Integers:            {'{', ruleDictionary, "a dictionary", "", nil},
	schema.Scalars:             {'{', ruleDictionary, "a dictionary", "", nil},
	schema.Hashes:              {'{', ruleHashes, "a dictionary of hashes", "", nil},
	schema.Object:              {'{', ruleObject, "an object", "", nil},
	schema.ObservableContainer: {'{', "S21-2.13-01", "a dictionary of observables", "", nil},
	schema.Extensions:          {'{', ruleDictionary, "a dictionary of extensions", "", nil},
	schema.Definition:          {'{', ruleObject, "an object", "", nil},
	schema.AnyObject:           {'{', ruleObject, "an object", "", nil},
	schema.Contents:            {'{', ruleDictionary, "a dictionary of languages", "", nil},
}

// Rules that several places check.
const (
	ruleString     = "S21-2.15-01"
	ruleTimestamp  = "S21-2.16-01"
	ruleMillis     = "S21-3.2-09"
	ruleReference  = "S21-3.3-01"
	ruleLanguage   = "S21-3.2-05"
	ruleSelector   = "S21-7.2.3-02"
	ruleDictionary = "S21-2.3-01"
	ruleHashes     = "S21-2.7-01"
	ruleObject     = "S21-3.1-04"
	ruleName       = "S21-3.1-01"
	ruleList       = "S21-2.12-01"
	ruleNull       = "S21-3.1-08"
)

// timestamp checks a timestamp other than created and modified, which Parse has read.
func (c *checker) timestamp(p *schema.Property, text string, at int) {
	_, err := stix.ParseTimestamp(text)
	switch {
	case errors.Is(err, stix.ErrFraction):
		c.violate("LIMIT-fraction", at, err.Error())
	case err != nil:
		c.violate(ruleTimestamp, at, scan.Quote(text)+": "+err.Error())
	case p.Type == schema.Seconds && strings.Contains(text, "."):
		c.violate("S21-6.7.6-03", at, scan.Quote(text)+
			" has a fraction, though it is precise to the second")
	}
}

// millisFault leaves the form of created and modified to Parse and looks at the precision.
func millisFault(text string) string {
	_, fraction, _ := strings.Cut(text, ".")
	if strings.HasSuffix(text, "Z") && len(fraction) < len("000Z") {
		return "has fewer than three digits of fraction"
	}
	return ""
}

func binaryFault(text string) string {
	digits := strings.TrimRight(text, "=")
	padded := len(text) - len(digits)
	if len(text) == 0 || len(text)%4 != 0 || padded > 2 || !every(digits, isBase64) {
		return "is not base64 (RFC 4648 §4)"
	}
	return ""
}

func isBase64(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '+' || c == '/'
}

func hexFault(text string) string {
	if len(text) == 0 || len(text)%2 != 0 || !every(text, isLowerHex) {
		return "is not an even number of the digits 0-9 and a-f"
	}
	return ""
}

func relationshipTypeFault(text string) string {
	if text == "" || !every(text, func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' }) {
		return "has other characters than a-z, 0-9 and -"
	}
	return ""
}

func mimeTypeFault(text string) string {
	top, sub, _ := strings.Cut(text, "/")
	switch strings.ToLower(top) {
	case "application", "audio", "font", "haptics", "image", "message", "model", "multipart",
		"text", "video":
		if sub != "" && every(sub, isMIMEChar) {
			return ""
		}
	}
	return "is not a media type such as application/pdf"
}

// isMIMEChar reports whether c may stand in the name of a media type (RFC 6838 §4.2).
func isMIMEChar(c byte) bool {
	return isLetter(c) || isDigit(c) || strings.IndexByte("!#$&-^_.+", c) >= 0
}

// registryKeyFault finds the abbreviations of the hives, which must be spelled out (§6.17.1).
func registryKeyFault(text string) string {
	hive, _, _ := strings.Cut(text, `\`)
	switch strings.ToUpper(hive) {
	case "HKLM", "HKCC", "HKCR", "HKCU", "HKU":
		return "abbreviates the hive; spell it out as HKEY_LOCAL_MACHINE is"
	}
	return ""
}

// every reports whether f holds for all bytes of text.
func every(text string, f func(byte) bool) bool {
	for i := range len(text) {
		if !f(text[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool        { return '0' <= c && c <= '9' }
func isLower(c byte) bool        { return 'a' <= c && c <= 'z' }
func isLetter(c byte) bool       { return isLower(c | 0x20) }
func isAlphanumeric(c byte) bool { return isLetter(c) || isDigit(c) }
func isLowerHex(c byte) bool     { return isDigit(c) || 'a' <= c && c <= 'f' }
func isHex(c byte) bool          { return isLowerHex(c|0x20) || isDigit(c) }
