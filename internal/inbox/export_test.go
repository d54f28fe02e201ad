package inbox

// EraseInSmallSteps has an erasure take many steps where there is little.
func (x *Inbox) EraseInSmallSteps() {
	x.bounds = eraseBounds{talks: 2, items: 3, window: 7, windows: 1}
}
