package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/conformance"
)

// examinees are the users as whom the suite asks. Their secrets come from the environment or
// from a terminal: arguments can be seen by every user of the machine.
type examinees struct {
	user, second string
	scheme       string
	fromURL      *url.Userinfo
}

// The ways to send a token.
const (
	bearerScheme = "bearer"
	tokenScheme  = "token"
)

func (x *examinees) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&x.user, "user", "", "name of the user (default $CABSTAND_USER)")
	f.StringVar(&x.second, "second-user", "", "name of a user with fewer rights, for cases about "+
		"who may see what (default $CABSTAND_SECOND_USER)")
	f.StringVar(&x.scheme, "token-scheme", bearerScheme, "how tokens are sent: bearer, or token as "+
		"servers built on Django expect")
}

// takeFrom takes user and password out of a URL, as the other commands accept them there.
func (x *examinees) takeFrom(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", errors.New("the URL cannot be read; give one such as https://taxii.example.com/")
	}
	if u.User == nil {
		return text, nil
	}
	x.fromURL, u.User = u.User, nil
	return u.String(), nil
}

// logins finds the credentials of both users.
func (c *cli) logins(x examinees) (user, second conformance.Credentials, err error) {
	if x.scheme != bearerScheme && x.scheme != tokenScheme {
		return user, second, fmt.Errorf("--token-scheme is %q; it must be bearer or token", x.scheme)
	}
	if user, err = c.login(x.user, "CABSTAND_", x.scheme); err != nil {
		return user, second, err
	}
	if user.Empty() && x.fromURL != nil {
		user.User = x.fromURL.Username()
		user.Password, _ = x.fromURL.Password()
	}
	second, err = c.login(x.second, "CABSTAND_SECOND_", x.scheme)
	return user, second, err
}

// login finds the credentials of one user in the variables that begin with prefix. A token counts
// more than a user there, as it does for the other commands, but less than a user who was named.
func (c *cli) login(named, prefix, scheme string) (who conformance.Credentials, err error) {
	token, _ := c.lookupEnv(prefix + "TOKEN")
	who.User, _ = c.lookupEnv(prefix + "USER")
	switch {
	case named != "":
		who.User = named
	case token != "" && scheme == tokenScheme:
		return conformance.Credentials{Token: token}, nil
	case token != "":
		return conformance.Credentials{Bearer: token}, nil
	}
	switch {
	case who.User == "":
		return who, nil
	case strings.Contains(who.User, ":"):
		return who, fmt.Errorf("the user name %q has a colon in it: basic authentication cannot "+
			"send it", who.User)
	}
	variable, given := prefix+"PASSWORD", false
	if who.Password, given = c.lookupEnv(variable); !given {
		who.Password, err = c.askPassword(who.User, variable)
	}
	return who, err
}
