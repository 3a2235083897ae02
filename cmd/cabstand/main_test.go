package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cabstand": main})
}

// The scripts in testdata/script are the commands as users type them.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			// Else every process lingers for a second under the race detector.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("CABSTAND_ADMIN_LISTEN", "127.0.0.1:0")
			env.Setenv("CABSTAND_LISTEN", "127.0.0.1:0")
			env.Setenv("CABSTAND_STORE", "pebble:"+env.WorkDir+"/store")
			running := &processes{byName: map[string]*process{}}
			env.Values[processesKey{}] = running
			env.Defer(running.killAll)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"start":       start,
			"end":         end,
			"hangup":      hangup,
			"waitfor":     waitFor,
			"waitfiles":   waitFiles,
			"capture":     capture,
			"freeport":    freePort,
			"certificate": certificate,
			"samefiles":   sameFiles,
			"objects":     objects,
			"pack":        pack,
			"cut":         cut,
			"status":      status,
			"crlf":        crlf,
		},
	})
}
