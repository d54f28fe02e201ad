package report

import (
	"slices"

	"github.com/ponte-desk/ponte/internal/text"
)

// offline are the channels in the world outside screens, with the words that companies use for them.
var offline = map[string][]string{
	"print":  {"print", "stampa", "volantino", "volantini", "giornale", "flyer", "newspaper", "manifesto", "poster"},
	"radio":  {"radio"},
	"fair":   {"fair", "fiera", "fiere", "mercato"},
	"window": {"window", "vetrina", "negozio", "shop"},
	"parcel": {"parcel", "pacco"},
}

// Offline tells whether a channel is one of paper, air and places: what is measured there by codes of its own.
func Offline(channel string) bool {
	folded := text.Fold(channel)
	for _, words := range offline {
		if slices.Contains(words, folded) {
			return true
		}
	}
	return false
}
