//go:build !unix

package mongotest

import "os/exec"

// runAs leaves cmd alone: only Unix has a root that PostgreSQL refuses to run as.
func runAs(cmd *exec.Cmd, _, _ int) *exec.Cmd { return cmd }
