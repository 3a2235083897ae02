package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// passwordSource is where a password comes from. Without either it is asked for.
type passwordSource struct {
	file, env string
}

func (p *passwordSource) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.file, "password-file", "",
		"file whose first line is the password; - is standard input")
	cmd.Flags().StringVar(&p.env, "password-env", "", "environment variable with the password")
}

func (p passwordSource) set() bool { return p.file != "" || p.env != "" }

var errNoPassword = errors.New("there is no terminal to ask for the password; " +
	"give --password-file or --password-env")

// newPassword reads a password that is to be set; on a terminal it is typed twice.
func (c *cli) newPassword(from passwordSource) (string, error) {
	password, err := c.readPassword(from)
	if err != nil {
		return "", err
	}
	if password == "" {
		return "", errors.New("the password is empty; choose one, or give --tokens-only")
	}
	return password, nil
}

// readPassword takes the first source that is given.
func (c *cli) readPassword(from passwordSource) (string, error) {
	switch {
	case from.env != "":
		password, ok := c.lookupEnv(from.env)
		if !ok {
			return "", fmt.Errorf("the environment variable %s is not set", from.env)
		}
		return password, nil
	case from.file == "-":
		return firstLine(c.in)
	case from.file != "":
		f, err := os.Open(from.file)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		defer f.Close()
		return firstLine(f)
	}
	return c.ask()
}

// firstLine leaves out the line break that editors put at the end of a file.
func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// ask has a password typed twice, without showing it.
func (c *cli) ask() (string, error) {
	terminal, ok := c.in.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return "", errNoPassword
	}
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Again: "} {
		fmt.Fprint(c.errs, prompt)
		text, err := term.ReadPassword(int(terminal.Fd()))
		fmt.Fprintln(c.errs)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		typed[i] = string(text)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords differ; try again")
	}
	return typed[0], nil
}
