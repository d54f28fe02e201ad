package report

import (
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/i18n"
)

// Title says what it may rest on.
func (r Rest) Title(l *i18n.Localizer) string { return l.T("depend.on." + string(r.On)) }

// Lines say how much hangs on the first ones, on how many it really rests, and what would be left without the first; one sentence says why there is no
// telling.
func (r Rest) Lines(l *i18n.Localizer) []string {
	on := string(r.On)
	switch {
	case !r.Known:
		return []string{l.T("depend.unknown." + on)}
	case r.Of == 0:
		return []string{l.T("depend.none."+on, "days", l.Number(dependDays))}
	case r.Few:
		return []string{l.T("depend.few", "n", l.Number(r.Of), "least", l.Number(leastDepend))}
	}
	out := []string{l.T("depend.sum."+on, "top", l.Number(r.Top), "first", l.Number(r.First), "of", l.Number(r.Of), "count", l.Number(r.Count), "days", l.Number(dependDays))}
	if r.Effective > 0 {
		out = append(out, l.T("depend.effective."+on, "n", tenth(l, r.Effective), "count", l.Number(r.Count)))
	} else {
		out = append(out, l.T("depend.effective.none"))
	}
	switch left := r.Of - r.First; {
	case r.Count == 1:
		out = append(out, l.T("depend.only."+on))
	case r.Without > 0:
		out = append(out, l.T("depend.without."+on, "left", l.Number(left), "of", l.Number(r.Of), "n", tenth(l, r.Without)))
	default:
		out = append(out, l.T("depend.without.left", "left", l.Number(left), "of", l.Number(r.Of)))
	}
	return out
}

// PartName names one of those on whom it rests, as far as whoever asks may know.
func (r Rest) PartName(l *i18n.Localizer, i int) string {
	p := r.Parts[i]
	switch {
	case r.On == OnPlaces && p.Name == "":
		return l.T("depend.place.none")
	case r.On == OnPlaces && l.Has("depend.place."+p.Name):
		return l.T("depend.place." + p.Name)
	case r.On == OnPlaces:
		return strings.ToUpper(p.Name[:1]) + p.Name[1:]
	case p.Name != "":
		return p.Name
	}
	return l.T("depend.nth", "n", i+1)
}

// tenth says a number with one digit behind the point.
func tenth(l *i18n.Localizer, n float64) string {
	s := strconv.FormatFloat(n, 'f', 1, 64)
	if l.Lang() == "it" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}
