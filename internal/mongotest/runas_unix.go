//go:build unix

package mongotest

import (
	"os/exec"
	"syscall"
)

// runAs makes cmd run as another user.
func runAs(cmd *exec.Cmd, uid, gid int) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
	}
	return cmd
}
