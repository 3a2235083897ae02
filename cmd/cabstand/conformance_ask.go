package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// askPassword has a password typed that exists already, so that once is enough.
func (c *cli) askPassword(user, variable string) (string, error) {
	terminal, ok := c.terminal()
	if !ok {
		return "", fmt.Errorf("there is no terminal to ask for the password of %s; set %s", user,
			variable)
	}
	fmt.Fprintf(c.errs, "Password of %s: ", user)
	text, err := term.ReadPassword(terminal)
	fmt.Fprintln(c.errs)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return string(text), nil
}

// askToWrite asks on a terminal whether the suite may add objects. Where nobody can answer, it
// may not.
func (e *examination) askToWrite() (bool, error) {
	if _, ok := e.terminal(); !ok {
		return false, nil
	}
	where := "a collection of " + e.config.URL
	if e.config.Collection != "" {
		where = "collection " + e.config.Collection
	}
	fmt.Fprintf(e.errs, "Add objects to %s and delete them again? [y/N] ", plain(where))
	answer, err := firstLine(e.in)
	if err != nil {
		return false, err
	}
	return slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer))), nil
}

// terminal returns the file descriptor of standard input, if somebody types there.
func (c *cli) terminal() (descriptor int, ok bool) {
	in, ok := c.in.(*os.File)
	if !ok {
		return 0, false
	}
	return int(in.Fd()), term.IsTerminal(int(in.Fd()))
}
