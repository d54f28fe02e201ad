package text

import (
	"strings"
	"unicode/utf8"
)

// formula tells whether a spreadsheet may take a cell for a formula, be it behind apostrophes: wide signs too, which some read as the others.
func formula(s string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "'"))
	return strings.ContainsRune("=+-@\t\r＝＋－＠", first)
}

// Guard makes the cell of a table out of what somebody wrote, so that no spreadsheet takes it for a formula: with an apostrophe before it
// where one might.
func Guard(s string) string {
	if formula(s) {
		return "'" + s
	}
	return s
}

// Unguard takes off what Guard put on.
func Unguard(s string) string {
	if strings.HasPrefix(s, "'") && formula(s) {
		return s[1:]
	}
	return s
}
