package match

import "golang.org/x/text/unicode/norm"

// mostWork is how many steps one match may take before it gives up. A step is a few nanoseconds,
// so that all of them take a second or two.
const mostWork = 1 << 28

// What is charged at other rates than one step. The rates make the budget take about the same
// time however it is spent, and bound what is kept meanwhile.
const (
	searchSteps  = 16 // for a candidate that the search looks at
	normalSteps  = 16 // for a byte that is brought into NFC
	stateSteps   = 2  // for a state of a regular expression and a byte of text
	bytesPerStep = 32 // of text that is compared
	decodeSteps  = 4  // for a byte that is decoded
)

// work is what one match has cost so far. Comparing values and the search for a binding draw on
// the one budget, so that no pattern can take the product of two.
type work struct{ steps, most int }

// spend charges steps, which may be more than there are.
func (w *work) spend(steps int) { w.steps += min(steps, w.most+1) }

func (w *work) exhausted() bool { return w.steps > w.most }

// affords charges steps before they are taken, and reports whether they may be.
func (w *work) affords(steps int) bool {
	w.spend(steps)
	return !w.exhausted()
}

// normal returns the NFC form of a text, or "" once the budget is used up.
func (w *work) normal(text string) string {
	switch {
	case !w.affords(len(text)):
		return ""
	case norm.NFC.IsNormalString(text):
		return text
	case !w.affords(normalSteps * len(text)):
		return ""
	}
	return norm.NFC.String(text)
}
