package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/configs"
	"github.com/cabstand/cabstand/internal/config"
)

// cli is what every command works with.
type cli struct {
	in        io.Reader
	out, errs io.Writer
	environ   []string

	configPath string
	output     string // json, or a form for people
}

// usageError is a mistake in how a command was called.
type usageError struct{ error }

// undecidedError ends a judgement that could not be made, which is neither yes nor no.
type undecidedError struct{ error }

// errSilent ends a command whose output has said already what went wrong.
var errSilent = errors.New("failed")

// execute runs the command that args name and turns its error into a sentence on standard
// error and an exit status.
func (c *cli) execute(ctx context.Context, args []string) int {
	root := c.rootCommand()
	root.SetArgs(args)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.errs)
	cmd, err := root.ExecuteContextC(ctx)
	var usage usageError
	var undecided undecidedError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errSilent):
		return exitFailed
	case errors.As(err, &usage), strings.HasPrefix(err.Error(), "unknown command"),
		strings.HasPrefix(err.Error(), "required flag"),
		strings.HasPrefix(err.Error(), "if any flags in the group"):
		fmt.Fprintf(c.errs, "cabstand: %v\nSee `%s --help`.\n", err, cmd.CommandPath())
		return exitUsage
	case errors.As(err, &undecided):
		for line := range strings.SplitSeq(err.Error(), "\n") { // one for each file
			fmt.Fprintf(c.errs, "cabstand: %s\n", line)
		}
		return exitUndecided
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(c.errs, "cabstand: interrupted")
		return exitFailed
	}
	fmt.Fprintf(c.errs, "cabstand: %v%s\n", err, advice(err))
	return exitFailed
}

// advice says what to do about a server that cannot be reached, where its error does not.
func advice(err error) string {
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &unknown):
		return "; if you trust it, give the PEM file of its authority with --ca"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "; nothing listens there: check the address, or start the server"
	}
	return ""
}

func (c *cli) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "cabstand",
		Short:         "A TAXII 2.1 sharing server for threat intelligence",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
	}
	root.PersistentFlags().StringVar(&c.configPath, "config", "",
		"configuration file (default $CABSTAND_CONFIG, else cabstand.yaml if there is one)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		c.quickstartCommand(), c.serveCommand(), c.applyCommand(),
		c.userCommand(), c.groupCommand(), c.markingCommand(), c.warninglistCommand(), c.tokenCommand(), c.apiRootCommand(),
		c.collectionCommand(), c.feedCommand(), c.indicatorCommand(),
		c.auditCommand(), c.membersCommand(), c.relayCommand(),
		c.importCommand(), c.ingestCommand(), c.logsCommand(), c.exportCommand(), c.migrateCommand(), c.collectCommand(), c.validateCommand(),
		c.pollCommand(), c.pushCommand(), c.conformanceCommand(), c.versionCommand(),
	)
	return root
}

// args makes a wrong number of arguments a usage error.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := check(cmd, given); err != nil {
			return usageError{fmt.Errorf("%w; usage: %s", err, cmd.UseLine())}
		}
		return nil
	}
}

// keep leaves a field of something that exists as it is, unless its flag was given.
func keep[T any](cmd *cobra.Command, flag string, field *T, old T) {
	if !cmd.Flags().Changed(flag) {
		*field = old
	}
}

// group is a command that only has commands below it.
func group(use, short string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(below...)
	return cmd
}

const defaultConfig = "cabstand.yaml"

// config reads the configuration that the command line, the environment or the working
// directory names.
func (c *cli) config() (config.Config, error) {
	return config.Load(c.configFile(), c.environ)
}

// configFile returns "" if there is no file.
func (c *cli) configFile() string {
	path := c.configPath
	if path == "" {
		path, _ = c.lookupEnv("CABSTAND_CONFIG")
	}
	if path == "" {
		if _, err := os.Stat(defaultConfig); err == nil {
			path = defaultConfig
		}
	}
	return path
}

// configured refuses to make an empty store that nobody asked for: a command that was started
// in the wrong folder would find nothing in it and say so.
func (c *cli) configured(cfg config.Config) error {
	store, _ := c.lookupEnv("CABSTAND_STORE")
	dir, embedded := cfg.StoreDir()
	if store != "" || !embedded || filepath.Base(dir) != defaultStore() {
		return nil
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if file := c.configFile(); file != "" {
		return fmt.Errorf("the configuration %s says nothing of a store that exists, and there is none "+
			"at %s; if your server has CABSTAND_STORE in its environment set it for this command, "+
			"too, else make the store with `cabstand serve`", file, dir)
	}
	return fmt.Errorf("there is no configuration (%s here, --config or CABSTAND_CONFIG) and no "+
		"store at ./%s; name the configuration of your server, or make a store here with "+
		"`cabstand serve`", defaultConfig, dir)
}

// defaultStore is the name of the folder that a server makes which was told nothing.
func defaultStore() string {
	dir, _ := config.Default().StoreDir()
	return dir
}

// source is where resource files find passwords and shipped feeds.
func (c *cli) source() (config.Source, error) {
	pack, err := config.LoadPack(configs.Feeds)
	return config.Source{LookupEnv: c.lookupEnv, Pack: pack}, err
}

// lookupEnv is os.LookupEnv on the environment that run was given.
func (c *cli) lookupEnv(name string) (string, bool) {
	for _, variable := range c.environ {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

func (c *cli) versionCommand() *cobra.Command {
	return c.acting(&cobra.Command{
		Use: "version", Short: "Print the version", Args: args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			told := map[string]string{"version": version()}
			return c.sayOr(told, "cabstand %s", version())
		},
	})
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}
