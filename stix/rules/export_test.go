package rules

// RestingRoom returns how many members a checker that rests has room for.
func RestingRoom() int {
	c := checkers.Get().(*checker)
	defer checkers.Put(c)
	return cap(c.members)
}
