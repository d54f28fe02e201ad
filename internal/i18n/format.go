package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// The names of months and days: x/text formats no dates. Source: Unicode CLDR, gregorian calendar, it and en.
var (
	months = map[string][12]string{
		"it": {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	}
	shortMonths = map[string][12]string{
		"it": {"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
		"en": {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	}
	days = map[string][7]string{
		"it": {"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		"en": {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	}
)

// Number writes a whole number with the language's separators.
func (l *Localizer) Number(n int) string {
	if n > -10000 && n < 10000 && l.lang == "it" { // four figures stay together in Italian
		return strconv.Itoa(n)
	}
	return message.NewPrinter(language.MustParse(l.lang)).Sprintf("%d", n)
}

// Clock writes the time of day: 17:20.
func (l *Localizer) Clock(t time.Time) string { return t.Format("15:04") }

// Date writes a day without its weekday: 12 marzo 2026, 12 March 2026.
func (l *Localizer) Date(t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), months[l.lang][t.Month()-1], t.Year())
}

// Month writes a month: settembre 2025, September 2025.
func (l *Localizer) Month(t time.Time) string {
	return fmt.Sprintf("%s %d", months[l.lang][t.Month()-1], t.Year())
}

// OnDate writes on which day something was: il 12 marzo 2026, l’8 marzo 2026, on 12 March 2026.
func (l *Localizer) OnDate(t time.Time) string { return l.dated(t, "il ", "l’", "on ") }

// SinceDate writes since which day something is so: dal 12 marzo 2026, dall’8 marzo 2026, since 12 March 2026.
func (l *Localizer) SinceDate(t time.Time) string { return l.dated(t, "dal ", "dall’", "since ") }

// dated puts the word before a day that its number wants: eight and eleven begin with a vowel in Italian.
func (l *Localizer) dated(t time.Time, word, elided, english string) string {
	switch d := t.Day(); {
	case l.lang != "it":
		return english + l.Date(t)
	case d == 8 || d == 11:
		return elided + l.Date(t)
	case d == 1:
		return word + "1º" + strings.TrimPrefix(l.Date(t), "1")
	}
	return word + l.Date(t)
}

// ShortDate writes a day for lists: 12 mar, and 12 mar 25 when it is not in the year of now.
func (l *Localizer) ShortDate(t, now time.Time) string {
	s := fmt.Sprintf("%d %s", t.Day(), shortMonths[l.lang][t.Month()-1])
	if t.Year() != now.Year() {
		s += t.Format(" 06")
	}
	return s
}

// Day writes a weekday and a day: giovedì 12 marzo, Thursday 12 March.
func (l *Localizer) Day(t time.Time) string {
	return fmt.Sprintf("%s %d %s", days[l.lang][t.Weekday()], t.Day(), months[l.lang][t.Month()-1])
}

// Moment writes when something was, as one would say it today: oggi alle 11:05, ieri alle 19:30, 12 mar alle 9:00.
// Both times must be in the zone of the reader.
func (l *Localizer) Moment(t, now time.Time) string {
	switch {
	case sameDay(t, now):
		return l.T("time.today_at", "clock", l.Clock(t))
	case sameDay(t, now.AddDate(0, 0, -1)):
		return l.T("time.yesterday_at", "clock", l.Clock(t))
	case sameDay(t, now.AddDate(0, 0, 1)):
		return l.T("time.tomorrow_at", "clock", l.Clock(t))
	default:
		return l.T("time.day_at", "day", l.ShortDate(t, now), "clock", l.Clock(t))
	}
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// Span writes a length of time with its two largest units: 2 h 10 min, 9 h, 3 giorni, 40 s. Signs are dropped.
func (l *Localizer) Span(d time.Duration) string {
	d = d.Abs()
	var parts []string
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days >= 2:
		parts = append(parts, l.N("time.days", days))
	case d >= 10*time.Hour:
		parts = append(parts, strconv.Itoa(int(d.Hours()))+" h")
	case d >= time.Hour:
		parts = append(parts, strconv.Itoa(hours)+" h")
		if minutes > 0 {
			parts = append(parts, strconv.Itoa(minutes)+" min")
		}
	case d >= time.Minute:
		parts = append(parts, strconv.Itoa(minutes)+" min")
	default:
		parts = append(parts, strconv.Itoa(int(d.Seconds()))+" s")
	}
	return strings.Join(parts, " ")
}

// Ago writes how long ago something was: adesso, 4 min fa, 3 giorni fa.
func (l *Localizer) Ago(t, now time.Time) string {
	d := now.Sub(t)
	if d < 45*time.Second {
		return l.T("time.now")
	}
	return l.T("time.ago", "span", l.Span(d))
}

// Money writes an amount that is kept in hundredths: 1.234,50 € in Italian, €1,234.50 in English. Whole amounts have no decimals.
func (l *Localizer) Money(cents int64, currency string) string {
	sign, known := map[string]string{"EUR": "€", "USD": "$", "GBP": "£"}[currency]
	if !known {
		sign = currency
	}
	s := l.Number(int(cents / 100))
	if part := cents % 100; part != 0 {
		point := "."
		if l.lang == "it" {
			point = ","
		}
		s += point + strconv.FormatInt(100+part, 10)[1:]
	}
	if l.lang == "it" || !known {
		return s + "\u00a0" + sign
	}
	return sign + s
}
