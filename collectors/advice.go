package collectors

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Variables returns the names of the environment variables that a feed logs in with, each once,
// in alphabetical order.
func (a Auth) Variables() []string {
	names := slices.Collect(maps.Values(a.HeaderEnv))
	names = append(names, a.UserEnv, a.PasswordEnv, a.BearerEnv)
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

// advice says what an operator can do about a kind of trouble with a feed, "" for none. notBefore
// is until when the source wants to be left alone, zero if it has not said.
func advice(trouble Trouble, feed Feed, notBefore time.Time) string {
	switch trouble {
	case NoTrouble:
		return ""
	case TroubleKey:
		return keyAdvice(feed.Auth.Variables())
	case TroubleQuota:
		return quotaAdvice(notBefore)
	case TroubleFormat:
		return "look at what the source gives now; if its form has changed for good, change the " +
			"feed's settings and try them with `cabstand feed test`"
	case TroubleUnreachable:
		return "it is tried again by itself; if that does not help, see from the server whether the " +
			"host of the source has a name, answers, and has a certificate that is valid"
	case TroubleServer:
		return "the source has a fault of its own; it is tried again by itself"
	case TroubleGuard:
		return "look at the source; if the list is right as it is, change the feed's guards, or " +
			"raise max_drop_pct for one run"
	case TroubleSettings:
		return "correct the feed's definition, or what it names, as the error says, and apply it; " +
			"if it was right so far, the source may have moved"
	case TroubleStore:
		return "see the server's log for what is wrong with the store; the run is repeated by itself"
	case TroubleCut:
		return "nothing: the run is repeated by itself"
	}
	return "this is a fault of cabstand; report it with the lines of the server's log about this run"
}

func keyAdvice(variables []string) string {
	if len(variables) == 0 {
		return "the feed names no key: name the environment variable with the key under auth, or ask " +
			"the source why it refuses this server"
	}
	return fmt.Sprintf("set %s in the environment of the server to what the source has given you, "+
		"and start the server anew; if that is so already, see at the source whether it is still valid",
		strings.Join(variables, " and "))
}

func quotaAdvice(notBefore time.Time) string {
	until := "it is asked again by itself"
	if !notBefore.IsZero() {
		until = "it is not asked again before " + notBefore.UTC().Format(time.RFC3339)
	}
	return until + "; if this happens often, set a longer schedule, or get a larger quota"
}
