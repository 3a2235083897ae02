package check_test

import (
	"testing"

	"github.com/cabstand/cabstand/logs/check"
)

// Names of settings have any number of words before the one that tells what they are, and commands
// have secrets behind options.
func TestText_KnowsSecretsByTheEndOfTheirNames(t *testing.T) {
	c := check.New(check.Options{})
	for text, want := range map[string]check.Kind{
		"MYSQL_ROOT_PASSWORD=Zq7Jx9Wv3Kp5":              check.Password,
		"spring.datasource.main.password: Zq7Jx9Wv3Kp5": check.Password,
		"dbPassword=Zq7Jx9Wv3Kp5":                       check.Password,
		"new_passwd=Zq7Jx9Wv3Kp5":                       check.Password,
		"aws_secret_access_key = Zq7Jx9Wv3Kp5Zq7Jx9Wv":  check.Token,
		"X-Gitlab-Private-Token: Zq7Jx9Wv3Kp5":          check.Token,
		"oauthToken=Zq7Jx9Wv3Kp5":                       check.Token,
		"mysql --password Zq7Jx9Wv3Kp5":                 check.Password,
		"curl --user jane:Zq7Jx9Wv3Kp5 shop":            check.Password,
		"curl -u jane:Zq7Jx9Wv3Kp5 shop":                check.Password,
		"gh --token Zq7Jx9Wv3Kp5":                       check.Token,
	} {
		if r := c.Text(text); r.Clean() || r.Findings[0].Kind != want {
			t.Errorf("%q has %q, want %s", text, lines(r), want)
		}
	}
	for name, want := range map[string]check.Kind{
		"MYSQL_ROOT_PASSWORD": check.Password, "dbPassword": check.Password, "aws_secret_access_key": check.Token,
	} {
		if r, err := c.JSON([]byte(`{"` + name + `":"Zq7Jx9Wv3Kp5"}`)); err != nil || r.Clean() || r.Findings[0].Kind != want {
			t.Errorf("%s has %q, want %s", name, lines(r), want)
		}
	}
	for _, text := range []string{
		"the compass: north", "bypass=1", "passed: 7", "no password was given", "a token of thanks", "tokens: 12", "--password-file /etc/key",
		"useradd -u 1000 jane", "docker run -u 1000:1000 shop",
	} {
		if r := c.Text(text); !r.Clean() {
			t.Errorf("%q has %q", text, lines(r))
		}
	}
}

// What parts the names of hosts and the numbers of addresses has several spellings.
func TestText_SeesThroughSpellingsOfDots(t *testing.T) {
	c := check.New(check.Options{OwnDomains: []string{"example.com"}})
	for text, want := range map[string]check.Kind{
		"db1[.]example[.]com": check.InternalHost, "db1%2Eexample%2Ecom": check.InternalHost,
		"db1(dot)example[dot]com": check.InternalHost, "nas[.]lan": check.InternalHost,
		"10%2e1%2e2%2e3": check.InternalAddress, "192.168.001.005": check.InternalAddress,
		"10[dot]1[dot]2[dot]3":          check.InternalAddress,
		"jane(at)example(dot)org":       check.EmailAddress,
		"jane [at] example.org":         check.EmailAddress,
		"jane.doe[@]mail[.]example.org": check.EmailAddress,
	} {
		if r := c.Text(text); r.Clean() || r.Findings[0].Kind != want {
			t.Errorf("%q has %q, want %s", text, lines(r), want)
		}
	}
	for _, text := range []string{"example.org", "198.051.100.007", "an example of command (at) work"} {
		if r := c.Text(text); !r.Clean() {
			t.Errorf("%q has %q", text, lines(r))
		}
	}
}
