package post

import (
	"regexp"
	"strings"

	"github.com/ponte-desk/ponte/internal/text"
)

// maxPreview is how much of a message lists show, in characters.
const maxPreview = 160

var (
	linkMark   = regexp.MustCompile(`\[([^\]\n]+)\]\(https?://[^)\s]+\)`)
	weightMark = regexp.MustCompile(`\*\*([^*\n]+)\*\*|\*([^*\n]+)\*`)
)

// preview is what lists show of a message: its title, else how it begins, without marks.
func preview(m Message) string {
	s := m.Title
	if s == "" {
		s = plain(m.Text)
	}
	return text.Cut(strings.Join(strings.Fields(s), " "), maxPreview)
}

// plain takes the light marks out of a text.
func plain(s string) string {
	s = person.ReplaceAllString(s, "$1")
	s = linkMark.ReplaceAllString(s, "$1")
	return weightMark.ReplaceAllString(s, "$1$2")
}
