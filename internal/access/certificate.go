package access

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net/http"
	"strings"

	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/taxii/server"
)

// The forms of names in [User.Certificates]: what stands before the colon says which name of a
// certificate it is, and the rest is that name, compared byte by byte.
const (
	certSubject = "subject:" // the subject as RFC 2253 writes it: CN=sensor 1,O=Example,C=DE
	certDNS     = "dns:"     // a DNS name among the alternative names
	certEmail   = "email:"   // an e-mail address among them
	certURI     = "uri:"     // a URI among them
)

// certificateNames returns all names of a certificate in those forms, the subject first.
func certificateNames(leaf *x509.Certificate) []string {
	var names []string
	var subject pkix.RDNSequence
	// Of what has been parsed as a certificate this cannot fail.
	if _, err := asn1.Unmarshal(leaf.RawSubject, &subject); err == nil && len(subject) > 0 {
		names = append(names, certSubject+subject.String())
	}
	for _, name := range leaf.DNSNames {
		names = append(names, certDNS+name)
	}
	for _, address := range leaf.EmailAddresses {
		names = append(names, certEmail+address)
	}
	for _, uri := range leaf.URIs {
		names = append(names, certURI+uri.String())
	}
	return names
}

// checkCertificates tells names that no certificate can have.
func checkCertificates(names []string) error {
	for i, name := range names {
		form, rest, _ := strings.Cut(name, ":")
		switch form + ":" {
		case certSubject, certDNS, certEmail, certURI:
			if rest != "" && rest == strings.TrimSpace(rest) {
				continue
			}
		}
		return check.Faults{{Key: fmt.Sprintf("certificates[%d]", i), Complaint: fmt.Sprintf(
			"is %q; it must be subject:, dns:, email: or uri: and the name in the certificate, "+
				"such as dns:sensor.example.com or subject:CN=sensor 1,O=Example,C=DE", name)}}
	}
	return nil
}

// claim sees that no name of a certificate is of two users.
func (s *snapshot) claim(u User) error {
	for _, name := range u.Certificates {
		if owner, ok := s.certificates[name]; ok && owner != u.Name {
			return fmt.Errorf("user %q: %w", u.Name, check.Faults{{Key: "certificates",
				Complaint: fmt.Sprintf("has %q, which belongs to another user", name)}})
		}
	}
	return nil
}

// indexCertificates returns users by the names of their certificates. A name that two servers
// gave to two users at one time is nobody's.
func indexCertificates(users map[string]User) map[string]string {
	owners := map[string]string{}
	for _, u := range users {
		for _, name := range u.Certificates {
			if owner, ok := owners[name]; ok && owner != u.Name {
				owners[name] = ""
				continue
			}
			owners[name] = u.Name
		}
	}
	return owners
}

// errTwoUsers is no reason that a client is told.
var errTwoUsers = fmt.Errorf("a certificate of two users: %w", server.ErrUnauthorized)

// byCertificate returns the user whom the certificate of a connection belongs to: the user
// without a name if there is no certificate that was verified, or none of a user. The error is
// server.ErrUnauthorized if its names belong to several users.
func (s *snapshot) byCertificate(r *http.Request) (user User, err error) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 || len(s.certificates) == 0 {
		return User{}, nil
	}
	for _, name := range certificateNames(r.TLS.VerifiedChains[0][0]) {
		owner := s.certificates[name]
		if owner == "" || owner == user.Name {
			continue
		}
		if user.Name != "" {
			return User{}, errTwoUsers
		}
		user = s.users[owner]
	}
	return user, nil
}
