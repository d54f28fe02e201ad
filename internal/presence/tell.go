package presence

import (
	"strings"

	"github.com/ponte-desk/ponte/internal/i18n"
)

// Label names a figure.
func (f Figure) Label(l *i18n.Localizer) string { return l.T("presence.figure." + string(f.Key)) }

// Title names a theme, Lede says what it is about.
func (t Theme) Title(l *i18n.Localizer) string { return l.T("presence.theme." + string(t)) }

// Lede says what a theme is about.
func (t Theme) Lede(l *i18n.Localizer) string { return l.T("presence.lede." + string(t)) }

// Tell says what an example is an example of.
func (r Role) Tell(l *i18n.Localizer) string { return l.T("presence.role." + string(r)) }

// Value tells a figure: the number, and of how many or of what.
func (f Figure) Value(l *i18n.Localizer) (n, unit string) {
	switch {
	case f.Key.Span():
		return l.Span(f.Median), l.T("presence.unit.ninth", "ninth", l.Span(f.Ninth), "of", l.Number(f.Of))
	case f.Key == Gap:
		return l.Number(f.N), l.N("presence.unit.days", f.N)
	case f.Key == Ease:
		return l.Number(round(f.Ours)), l.T("presence.unit.ease", "of", l.Number(f.Of))
	case f.Key == Length:
		return l.Number(round(f.Ours)), l.T("presence.unit.words", "of", l.Number(f.Of))
	case f.Key == Register:
		return f.way(), l.T("presence.unit.texts", "n", l.Number(f.N), "of", l.Number(f.Of))
	}
	return l.Number(f.N), l.T("presence.unit.of", "of", l.Number(f.Of))
}

// ways are what the ways of speaking to somebody are called, in every language.
var ways = []string{"tu", "voi", "Lei"}

// way is the one used most.
func (f Figure) way() string {
	most := 0
	for i, n := range f.OurWays {
		if n > f.OurWays[most] {
			most = i
		}
	}
	return ways[most]
}

// Short tells a figure in a few words: 46 of 50, 2 h 10 min; or that it is of too few.
func (f Figure) Short(l *i18n.Localizer) string {
	if f.Few {
		return l.T("presence.few.short", "of", l.Number(f.Of))
	}
	switch n, unit := f.Value(l); {
	case f.Key.Span():
		return n
	case f.Key == Ease:
		return l.T("presence.short.of", "n", n, "of", "100")
	case f.Key == Length:
		return n
	default:
		return n + " " + unit
	}
}

// TooFew says why a figure says nothing; "" when it does.
func (f Figure) TooFew(l *i18n.Localizer) string {
	switch {
	case !f.Few:
		return ""
	case f.Of == 0:
		return l.T("presence.few.none")
	case f.Of >= least[f.Key]: // a level, of which theirs is of too few
		return l.T("presence.few.theirs", "of", l.Number(f.TheirsOf), "least", l.Number(least[f.Key]))
	}
	return l.T("presence.few", "of", l.Number(f.Of), "least", l.Number(least[f.Key]))
}

// Beside says what belongs to a figure: what it was before, and how others are.
func (f Figure) Beside(l *i18n.Localizer) string {
	var out []string
	if !f.Few {
		switch {
		case f.Key == Ease:
			out = append(out, l.T("presence.beside.ease", "theirs", l.Number(round(f.Theirs)), "of", l.Number(f.TheirsOf)))
		case f.Key == Length:
			out = append(out, l.T("presence.beside.length", "theirs", l.Number(round(f.Theirs)), "of", l.Number(f.TheirsOf)))
		case f.Key == Register:
			out = append(out, l.T("presence.beside.ways", "tu", l.Number(f.OurWays[0]), "voi", l.Number(f.OurWays[1]), "lei", l.Number(f.OurWays[2])))
			if f.TheirsOf > 0 {
				out = append(out, l.T("presence.beside.theirways", "tu", l.Number(f.TheirWays[0]), "voi", l.Number(f.TheirWays[1]), "lei", l.Number(f.TheirWays[2])))
			}
		}
	}
	switch {
	case f.Before == nil || f.Before.Of == 0:
	case f.Few || f.Before.Few:
		out = append(out, l.T("presence.before", "was", f.Before.Short(l)))
	case f.Change() > 0:
		out = append(out, l.T("presence.before.more", "was", f.Before.Short(l)))
	case f.Change() < 0:
		out = append(out, l.T("presence.before.less", "was", f.Before.Short(l)))
	case f.Key.Share() && f.Part() != f.Before.Part():
		out = append(out, l.T("presence.before.same", "was", f.Before.Short(l)))
	default:
		out = append(out, l.T("presence.before", "was", f.Before.Short(l)))
	}
	return strings.Join(out, " ")
}
