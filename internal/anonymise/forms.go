package anonymise

import (
	"regexp"
	"strings"
)

// Forms of what Inspect looks for. They run in linear time.
var (
	emailForm   = regexp.MustCompile(`[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*`)
	addressForm = regexp.MustCompile(
		`[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f.]{0,15}){2,8}`)
	hostForm = regexp.MustCompile(`[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)+`)
	// shareForm is \\host\ where no drive or folder stands before it; patterns and JSON in texts
	// write each backslash twice.
	shareForm = regexp.MustCompile(`(^|[^\p{L}\p{N}_:.%\\])\\{2,4}[\p{L}\p{N}_.-]+\\`)
	homeForm  = regexp.MustCompile(
		`(?i)(?:[\\/]+(?:users|home)|\\documents and settings)[\\/]+([^\\/'"]+)`)
	phoneForm = regexp.MustCompile(
		`\+[0-9][0-9 ()./-]{6,20}[0-9]|(?i:tel:|phone:? ?)[0-9 ()./-]{7,20}[0-9]|` +
			`\([0-9]{3}\) ?[0-9]{3}-[0-9]{4}|\b[0-9]{3}-[0-9]{3}-[0-9]{4}\b`)
)

// defanged undoes what people do to addresses so that nobody clicks on them.
var defanged = strings.NewReplacer("[.]", ".", "(.)", ".", "[dot]", ".", "(dot)", ".", "[:]", ":",
	"[@]", "@", "(@)", "@", " [at] ", "@", " (at) ", "@", "[at]", "@", "(at)", "@")
