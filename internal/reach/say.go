package reach

import (
	"time"

	"github.com/ponte-desk/ponte/internal/i18n"
)

// Say is a sentence that is still to be said in somebody's language: a key of the catalog with its values.
type Say struct {
	Key string
	// Count is the number of a sentence that has a plural; Plural says that there is one.
	Count  int
	Plural bool
	// With are names and values in turn. A time is said as a day.
	With []any
}

func say(key string, with ...any) Say { return Say{Key: key, With: with} }

func sayN(key string, n int, with ...any) Say {
	return Say{Key: key, Count: n, Plural: true, With: with}
}

// In says the sentence, for a reader whose clock shows now.
func (s Say) In(l *i18n.Localizer, now time.Time) string {
	with := make([]any, len(s.With))
	for i, x := range s.With {
		switch x := x.(type) {
		case time.Time:
			with[i] = l.ShortDate(x.In(now.Location()), now)
		case int:
			with[i] = l.Number(x)
		default:
			with[i] = x
		}
	}
	if s.Plural {
		return l.N(s.Key, s.Count, with...)
	}
	return l.T(s.Key, with...)
}
