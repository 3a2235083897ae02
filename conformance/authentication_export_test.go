package conformance

import "net/http"

// Challenges returns what WWW-Authenticate offers as the names of schemes, each followed by its
// realm in brackets if it has one.
func Challenges(lines ...string) []string {
	var found []string
	for _, c := range challenges(http.Header{"Www-Authenticate": lines}) {
		name := c.scheme
		if realm := c.params["realm"]; realm != "" {
			name += " [" + realm + "]"
		}
		found = append(found, name)
	}
	return found
}

// EarlyData returns how many bytes of early data a NewSessionTicket invites.
func EarlyData(ticket []byte) uint32 { return invited(ticket) }
