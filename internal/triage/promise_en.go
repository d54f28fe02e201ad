package triage

import (
	"slices"
	"strings"
	"time"
)

// english finds promises in English.
type english struct{}

// englishVerbs are verbs of doing: what a company may promise.
var englishVerbs = strings.Fields(`fix refund send replace reply answer respond call ring phone contact email mail message write update inform notify check look investigate resolve sort solve make
ship dispatch post deliver redeliver credit return reimburse repay pay compensate publish change improve remove add correct amend restore repair arrange book confirm forward pass raise speak talk
train retrain review handle take follow dm pick collect come process cancel waive cover offer give bring issue reopen open redo rebuild reprint rewrite work keep reach provide ensure escalate upgrade
install stop drop deal clean repaint reduce lower extend organise organize schedule reschedule prepare finish complete start begin launch introduce release roll put set have get be let tell ask find
see cut double test retest relabel refit renew rebook reset unlock unblock activate reactivate switch move share explain show print swap exchange match honour honor donate plant hire report visit refurbish repaint`)

// englishParticiples say that something is done to what was wrong.
var englishParticiples = strings.Fields(`fixed refunded sent replaced answered updated checked resolved sorted solved shipped dispatched posted delivered redelivered credited returned reimbursed repaid paid
compensated published changed improved removed added corrected amended restored repaired arranged booked confirmed forwarded passed raised reviewed handled taken collected processed cancelled canceled waived
covered issued reopened redone reprinted escalated upgraded installed dealt cleaned reduced finished completed launched released exchanged swapped activated reactivated reset unlocked rescheduled refurbished repainted rebuilt opened online`)

// englishThings are what somebody is promised to receive.
var englishThings = strings.Fields(`refund reply answer replacement response confirmation email e-mail call voucher credit update money parcel order label link code copy receipt invoice discount
part engineer technician item product delivery news`)

// leading tells whether words from i on say that we shall do something, and how many words that takes.
func (english) leading(s sentence, i int) int {
	switch s.at(i) {
	case "we", "i":
		if n := s.hasAny(i+1, "ll", "will", "shall"); n > 0 {
			return 1 + n
		}
		if n := s.hasAny(i+1, "are going to", "re going to", "am going to", "m going to"); n > 0 {
			return 1 + n
		}
	case "ill":
		return 1
	case "team", "colleague", "manager", "engineer", "engineers", "technician", "colleagues", "support", "someone", "somebody":
		ours := s.within(i, 4, "our", "my") || s.at(i) == "someone" || s.at(i) == "somebody"
		if n := s.hasAny(i+1, "will", "ll", "is going to"); n > 0 && ours {
			return 1 + n
		}
	case "will": // Will do, will fix it today
		if i == 0 {
			return 1
		}
	}
	return 0
}

// adverbs may stand between will and the verb.
var englishAdverbs = []string{"also", "then", "certainly", "definitely", "of", "course", "gladly", "happily", "personally", "both", "all", "now", "immediately", "still", "absolutely", "surely", "just", "soon", "first", "promptly", "quickly"}

func (t english) before(s sentence, i int) int {
	if s.at(i-1) == "rest" || s.at(i-1) == "and" || s.at(i-1) == "so" {
		return i
	}
	if s.hasAny(i-1, "our", "my", "it", "this", "that") > 0 && s[i-1].clause == s[i].clause && s.hasAny(i, "we", "i", "you") == 0 {
		return i - 1
	}
	return i
}

func (t english) promise(s sentence, i int) (n int, timed, ok bool) {
	n, timed, ok = t.verb(s, i)
	if !ok || t.onlySaid(s, i) {
		return 0, false, false
	}
	return n, timed, true
}

// verb tells whether words from i on promise, whatever stands around.
func (t english) verb(s sentence, i int) (n int, timed, ok bool) {
	if n := s.hasAny(i, "you have our word", "you have my word", "we promise", "i promise", "we guarantee", "we commit to", "we are committed to fixing", "we undertake to", "you can count on us to"); n > 0 {
		next := s.at(i + n)
		promises := s.has(i, "you have") || s.has(i, "we commit") || s.has(i, "we undertake") || s.has(i, "you can") || s.has(i, "we are committed")
		return n, false, promises || s.at(i+1) == "promise" && next != "nothing" && next != "you" || next == "to" || next == "that" || next == "you" && (s.at(i+n+1) == "ll" || s.at(i+n+1) == "will" || s.at(i+1) == "promise")
	}
	if n := s.hasAny(i, "won t happen again", "will not happen again", "will never happen again", "won t let it happen again", "won t let this happen again", "wont happen again", "shan t happen again"); n > 0 {
		return n, false, true
	}
	if k := t.leading(s, i); k > 0 {
		return t.will(s, i, k)
	}
	if k := s.hasAny(i, "you ll", "you will", "you should"); k > 0 {
		m := s.hasAny(i+k, "receive", "get", "have", "hear from us", "hear back", "hear", "see")
		if m == 0 {
			return 0, false, false
		}
		hear := s.at(i+k) == "hear"
		return k + m, s.at(i+1) == "should", hear || t.thing(s, i+k+m)
	}
	if n := s.hasAny(i, "you can expect", "please expect", "expect"); n > 0 && (n > 1 || i == 0) {
		return n, true, t.thing(s, i+n)
	}
	if n := s.hasAny(i, "will be", "ll be", "gets", "is being", "are being"); n > 0 && s.at(i-1) != "we" && s.at(i-1) != "i" && s.at(i-1) != "not" {
		k := i + n
		for slices.Contains(englishAdverbs, s.at(k)) || s.at(k) == "fully" || s.at(k) == "on" {
			k++
		}
		if slices.Contains(englishParticiples, s.at(k)) {
			return k + 1 - i, strings.HasSuffix(s.at(i), "s") || s.at(i) == "are", true
		}
		if s.hasAny(k, "with you", "back in stock", "back online", "back up", "out", "its way", "ready", "in touch", "there") > 0 {
			return k + 1 - i, true, !s.within(i, 3, "weather")
		}
		return 0, false, false
	}
	if n := s.hasAny(i, "will arrive", "ll arrive", "will reach you", "will land", "will come", "goes out", "go out", "leaves today", "ships"); n > 0 {
		return n, true, !s.within(i, 4, "courier", "winter", "summer", "weather")
	}
	return t.present(s, i)
}

// will reads what stands behind we will.
func (t english) will(s sentence, i, k int) (n int, timed, ok bool) {
	j := i + k
	if s.at(j) == "not" || s.at(j) == "never" {
		return 0, false, false
	}
	for slices.Contains(englishAdverbs, s.at(j)) {
		j++
	}
	v := s.at(j)
	if s.at(i) == "will" && v == "do" && len(s) <= 6 {
		return j + 1 - i, false, true
	}
	if v == "do" {
		return j + 1 - i, false, s.hasAny(j+1, "so", "that", "this", "it") > 0
	}
	if !slices.Contains(englishVerbs, v) {
		return 0, false, false
	}
	switch v {
	case "be":
		if s.hasAny(j+1, "in touch", "in contact", "back to you", "back with", "sure to", "sending", "replacing", "refunding", "fixing", "calling", "contacting", "changing", "updating", "adding", "removing", "reviewing", "checking",
			"looking into", "speaking", "retraining", "issuing", "shipping", "delivering", "ready", "there", "with you", "publishing", "posting", "opening", "reopening", "improving", "investigating", "following up", "processing") > 0 {
			return j + 1 - i, s.hasAny(j+1, "ready", "there", "opening") > 0, true
		}
		return 0, false, false
	case "see":
		return j + 1 - i, false, s.hasAny(j+1, "to it", "that it", "that this", "that you") > 0
	case "have", "get":
		return j + 1 - i, v == "have" && !t.thing(s, j+1) && s.hasAny(j+1, "it", "this", "that", "someone", "them", "him", "her", "the", "a") == 0, s.hasAny(j+1, "to") == 0
	case "take":
		return j + 1 - i, false, s.hasAny(j+1, "a look", "care", "action", "it", "this", "that", "them", "your", "the", "down", "off", "steps", "another look") > 0 && !s.has(j+1, "it into") && !s.has(j+1, "this into")
	case "keep":
		return j + 1 - i, false, s.hasAny(j+1, "you", "it", "working", "them") > 0 && !s.has(j+1, "it in mind") && !s.has(j+1, "you in mind")
	case "come":
		return j + 1 - i, false, s.hasAny(j+1, "back", "and", "to", "round", "by", "out") > 0
	case "work":
		return j + 1 - i, false, s.hasAny(j+1, "on", "with") > 0
	case "look":
		return j + 1 - i, false, s.hasAny(j+1, "into", "at") > 0
	case "let":
		return j + 1 - i, false, s.hasAny(j+1, "you know", "them know", "him know", "her know", "the team know", "the kitchen know") > 0
	case "find":
		return j + 1 - i, false, s.hasAny(j+1, "out", "you", "a", "it") > 0
	case "make":
		return j + 1 - i, false, s.hasAny(j+1, "sure", "it", "this", "certain", "up", "the", "a") > 0
	case "ask":
		return j + 1 - i, false, true
	case "put":
		return j + 1 - i, false, s.hasAny(j+1, "up with") == 0
	case "open", "start", "begin", "finish":
		return j + 1 - i, true, true
	case "tell":
		return j + 1 - i, false, s.hasAny(j+1, "you a secret", "tales") == 0
	}
	return j + 1 - i, false, true
}

// thing tells whether what is received is something of ours.
func (english) thing(s sentence, i int) bool {
	for k := i; k < i+6 && k < len(s); k++ {
		if slices.Contains(englishThings, s[k].word) {
			return true
		}
	}
	return false
}

// present reads what is being done and has a time: we are sending it today, I'll is read elsewhere.
func (t english) present(s sentence, i int) (n int, timed, ok bool) {
	k := s.hasAny(i, "we re", "we are", "i m", "i am", "im")
	if k == 0 || s.at(i+k) == "not" {
		return 0, false, false
	}
	for slices.Contains(englishAdverbs, s.at(i+k)) {
		k++
	}
	w, ing := strings.CutSuffix(s.at(i+k), "ing")
	if !ing || len(w) < 2 {
		return 0, false, false
	}
	for _, v := range []string{w, w + "e", w[:len(w)-1]} {
		if slices.Contains(englishVerbs, v) && v != "hav" && v != "have" && v != "try" {
			return k + 1, true, !t.habit(s)
		}
	}
	return 0, false, false
}

func (english) habit(s sentence) bool {
	for k := range s {
		if s.hasAny(k, "usually", "normally", "always", "every day", "every week", "generally", "often", "typically") > 0 {
			return true
		}
	}
	return false
}

// onlySaid tells whether a promise is denied, only possible, or somebody else's.
func (english) onlySaid(s sentence, i int) bool {
	for k := 0; k < i; k++ {
		if s[k].clause == s[i].clause || s[k].clause+1 == s[i].clause {
			if s.hasAny(k, "can t promise", "cannot promise", "can not promise", "don t promise", "not promising", "no promises", "can t guarantee", "cannot guarantee", "not sure", "don t know", "unable to",
				"you said", "you say", "you told", "you wrote", "they said", "they say", "he said", "she said", "told me", "was told", "claims", "claim that", "hope", "hoping", "wish", "doubt", "don t think", "maybe", "perhaps",
				"possibly", "might", "wonder", "it s not true", "whether", "they promised", "you think", "people think", "i think", "we think", "don t expect", "not say", "never said") > 0 {
				return true
			}
		}
		if s[k].clause == s[i].clause && (s[k].word == "nobody" || s[k].word == "never") && i-k <= 4 {
			return true
		}
	}
	return s.hasAny(i-1, "if", "unless", "whether") > 0
}

var englishDays = map[string]time.Weekday{
	"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday,
	"mon": time.Monday, "tue": time.Tuesday, "tues": time.Tuesday, "weds": time.Wednesday, "thurs": time.Thursday, "thu": time.Thursday, "fri": time.Friday,
}

var englishMonths = map[string]time.Month{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sept": 9, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}

var englishNumbers = map[string]int{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14, "fifteen": 15,
	"twenty": 20, "thirty": 30, "couple": 2,
}

var englishPeriods = map[string]period{
	"minute": minutes, "minutes": minutes, "mins": minutes, "hour": hours, "hours": hours, "hrs": hours, "day": days, "days": days, "week": weeks, "weeks": weeks,
	"month": months, "months": months, "year": years, "fortnight": weeks,
}

// ordinal reads 5, 5th, 21st.
func ordinal(w string) int {
	for _, end := range []string{"st", "nd", "rd", "th"} {
		if n, ok := strings.CutSuffix(w, end); ok && number(n) > 0 {
			return number(n)
		}
	}
	return number(w)
}

func (english) count(s sentence, i int) int {
	if i >= len(s) {
		return -1
	}
	if s[i].kind == kindNumber {
		return number(s[i].raw)
	}
	if n, ok := englishNumbers[s[i].word]; ok {
		return n
	}
	return -1
}

func (t english) when(s sentence, i int, now time.Time) (due time.Time, n int, ok bool) {
	if s.has(i, "soon as") {
		return time.Time{}, 0, false
	}
	if n := s.hasAny(i, "as soon as possible", "as soon as we can", "as soon as i can", "shortly", "right away", "straight away", "asap", "immediately", "soon", "in the coming days", "in due course", "very soon", "without delay", "in a few days", "right now", "at once"); n > 0 {
		return time.Time{}, n, true
	}
	if s.hasAny(i-1, "of", "from", "since", "last", "was", "every", "your", "on every", "dated") > 0 && s.at(i-2) != "end" && s.at(i-2) != "middle" && s.at(i-2) != "part" {
		return time.Time{}, 0, false
	}
	k := i
	if m := s.hasAny(k, "by", "before", "on", "no later than", "not later than", "until", "at the latest by", "this coming", "in time for", "during", "later", "first thing"); m > 0 {
		k += m
		for s.hasAny(k, "the", "latest", "this", "close of play", "coming") > 0 && s.at(k+1) != "afternoon" && s.at(k+1) != "evening" && s.at(k+1) != "morning" && s.at(k+1) != "week" && s.at(k+1) != "month" && s.at(k+1) != "weekend" && s.at(k+1) != "end" {
			k++
		}
	}
	due, m, ok := t.day(s, k, now)
	if !ok {
		return time.Time{}, 0, false
	}
	k += m
	for s.hasAny(k, "morning", "afternoon", "evening", "night", "lunchtime") > 0 {
		k++
	}
	if d, m, ok := t.hour(s, k, now, due); ok {
		return d, k + m - i, true
	}
	return due, k - i, true
}

// day reads a day, however it is said.
func (t english) day(s sentence, i int, now time.Time) (time.Time, int, bool) {
	if n := s.hasAny(i, "the day after tomorrow"); n > 0 {
		return dayEnd(now, 2), n, true
	}
	if n := s.hasAny(i, "today", "tonight", "this afternoon", "this evening", "this morning", "end of day", "the end of the day", "end of the day", "end of today", "the end of today", "eod", "close of business", "cob", "this very day"); n > 0 {
		return dayEnd(now, 0), n, true
	}
	if n := s.hasAny(i, "tomorrow", "2moro", "tmrw"); n > 0 {
		return dayEnd(now, 1), n, true
	}
	next := s.hasAny(i, "next") > 0
	k := i
	if next {
		k++
	}
	if d, ok := englishDays[s.at(k)]; ok {
		offset := (int(d) + 6) % 7
		if next || s.hasAny(k+1, "next week", "of next week") > 0 {
			n := k + 1 - i + s.hasAny(k+1, "next week", "of next week")
			return dayEnd(now, sunday(now)+1+offset), n, true
		}
		if x, n, ok := t.calendar(s, k+1, now); ok {
			return x, n + 1, true
		}
		return weekdayEnd(now, d), k + 1 - i, true
	}
	if x, n, ok := t.calendar(s, i, now); ok {
		return x, n, true
	}
	return t.span(s, i, now)
}

// calendar reads dates: 5 May, May 5th, the 5th of May, 5/5.
func (t english) calendar(s sentence, i int, now time.Time) (time.Time, int, bool) {
	if x, n, ok := figures(s, i, now); ok {
		return x, n, true
	}
	k := i
	if s.at(k) == "the" {
		k++
	}
	year := func(k int) (int, int) {
		if y := t.count(s, k); y > 2000 {
			return y, 1
		}
		return 0, 0
	}
	if d := ordinal(s.at(k)); d > 0 && d <= 31 {
		m := k + 1
		if s.at(m) == "of" {
			m++
		}
		if month, ok := englishMonths[s.at(m)]; ok {
			y, more := year(m + 1)
			x, ok := date(now, d, month, y)
			return x, m + 1 + more - i, ok
		}
		if _, unit := englishPeriods[s.at(k+1)]; !unit && s[k].kind == kindWord && s.at(k-1) == "the" && s.at(k+1) != "time" && s.at(k+1) != "floor" {
			x, ok := dayOfMonth(now, d)
			return x, k + 1 - i, ok
		}
	}
	if month, ok := englishMonths[s.at(k)]; ok {
		if d := ordinal(s.at(k + 1)); d > 0 && d <= 31 {
			y, more := year(k + 2)
			x, ok := date(now, d, month, y)
			return x, k + 2 + more - i, ok
		}
		if s.hasAny(i-1, "by", "in", "before", "of", "early") > 0 && (s.at(k) != "may" || s.at(i-1) != "of") {
			return namedMonthEnd(now, month), k + 1 - i, true
		}
	}
	return time.Time{}, 0, false
}

// span reads weeks, months and lengths of time.
func (t english) span(s sentence, i int, now time.Time) (time.Time, int, bool) {
	if n := s.hasAny(i, "the end of next week", "end of next week", "early next week", "next week", "later next week", "the beginning of next week"); n > 0 {
		return dayEnd(now, sunday(now)+7), n, true
	}
	if n := s.hasAny(i, "the end of the week", "end of the week", "end of week", "the end of this week", "end of this week", "this week", "the weekend", "this weekend", "later this week", "eow"); n > 0 {
		return dayEnd(now, sunday(now)), n, true
	}
	if n := s.hasAny(i, "the end of next month", "end of next month", "next month"); n > 0 {
		return monthEnd(now, 1), n, true
	}
	if n := s.hasAny(i, "the end of the month", "end of the month", "the end of this month", "end of this month", "end of month", "this month", "month end", "later this month"); n > 0 {
		return monthEnd(now, 0), n, true
	}
	if n := s.hasAny(i, "the end of the year", "end of the year", "the end of this year", "year end", "this year"); n > 0 {
		return monthEnd(now, 12-int(now.Month())), n, true
	}
	if m := s.hasAny(i, "the end of", "end of", "mid", "the middle of"); m > 0 {
		if month, ok := englishMonths[s.at(i+m)]; ok {
			if s.has(i, "mid") || s.has(i, "the middle") {
				x, ok := date(now, 15, month, 0)
				return x, m + 1, ok
			}
			return namedMonthEnd(now, month), m + 1, true
		}
	}
	if s.at(i) == "christmas" && s.hasAny(i-1, "by", "before", "for") > 0 {
		x, ok := date(now, 24, 12, 0)
		return x, 1, ok
	}
	k := i
	if m := s.hasAny(k, "within the next", "in the next", "over the next", "within", "in under", "in less than", "in", "over the coming", "inside"); m > 0 {
		k += m
	} else {
		return t.hour(s, i, now, time.Time{})
	}
	if m := s.hasAny(k, "half an hour"); m > 0 {
		x, ok := later(now, 30, minutes)
		return x, k + m - i, ok
	}
	c := t.count(s, k)
	if c < 0 {
		return time.Time{}, 0, false
	}
	k++
	if s.at(k) == "couple" {
		c, k = 2, k+1
	}
	if s.at(k) == "of" {
		k++
	}
	if to := s.hasAny(k, "to", "or"); (to > 0 || between(s, k-1, '-', '/')) && t.count(s, k+to) > 0 {
		c, k = t.count(s, k+to), k+to+1
	}
	work := s.hasAny(k, "working", "business")
	p, ok := englishPeriods[s.at(k+work)]
	if !ok {
		return time.Time{}, 0, false
	}
	if s.at(k+work) == "fortnight" {
		c = 2
	}
	if work > 0 && p == days {
		p = workdays
	}
	x, ok := later(now, c, p)
	return x, k + work + 1 - i, ok
}

// hour reads a time of day: by 5pm, at 18:30, by noon.
func (t english) hour(s sentence, i int, now, day time.Time) (time.Time, int, bool) {
	k := i
	if m := s.hasAny(k, "by", "at", "before"); m > 0 {
		k += m
	} else if s.hasAny(i-1, "by", "at", "before") == 0 {
		return time.Time{}, 0, false
	}
	if m := s.hasAny(k, "noon", "midday", "lunchtime"); m > 0 {
		x, ok := clock(now, day, 12, 0)
		return x, k + m - i, ok
	}
	if k >= len(s) {
		return time.Time{}, 0, false
	}
	for _, half := range []string{"am", "pm"} {
		if raw, ok := strings.CutSuffix(s[k].word, half); ok && number(raw) > 0 && number(raw) <= 12 {
			x, ok := clock(now, day, number(raw)%12+12*boolInt(half == "pm"), 0)
			return x, k + 1 - i, ok
		}
	}
	h, m, n, ok := hourAt(s, k)
	if !ok {
		return time.Time{}, 0, false
	}
	switch s.at(k + n) {
	case "pm":
		h, n = h%12+12, n+1
	case "am":
		h, n = h%12, n+1
	case "o":
		n += 2
	default:
		if n == 1 && !strings.Contains(s[k].raw, ".") {
			return time.Time{}, 0, false
		}
	}
	x, ok := clock(now, day, h, m)
	return x, k + n - i, ok
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
