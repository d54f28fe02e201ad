package writing

import (
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/triage"
)

// promises tells what a text promises, paragraph by paragraph, because only so much is read at once.
func promises(t Text, l *lists, add func(Advice)) {
	langs := []triage.Language{triage.Italian, triage.English}
	if l != nil && l.name == "it" {
		langs = langs[:1]
	} else if l != nil {
		langs = langs[1:]
	}
	at := 0
	for paragraph := range strings.Lines(t.Body) {
		for _, lang := range langs {
			for _, p := range triage.Promises(paragraph, lang, time.Time{}) { // by when does not matter here
				add(Advice{Kind: Promise, Level: Careful, Key: "writing.promise", Start: at + p.Start, End: at + p.End, Args: map[string]any{"words": p.Word}})
			}
		}
		at += len(paragraph)
	}
}
