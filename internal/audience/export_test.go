package audience

import "slices"

// LeaveOut has a room not be asked when somebody is erased, to see that it is missed.
func (a *Audience) LeaveOut(room string) {
	a.erasers = slices.DeleteFunc(a.erasers, func(e eraser) bool { return e.room == room })
}

// Rooms lists the rooms that erase.
func (a *Audience) Rooms() []string {
	var out []string
	for _, e := range a.erasers {
		out = append(out, e.room)
	}
	return out
}

// MaskWith masks a text that names one of some accounts, or is near them.
func MaskWith(identities []Identity, names []string, s string, near bool) string {
	s, _ = wordsOf(identities, names).mask(s, near)
	return s
}
