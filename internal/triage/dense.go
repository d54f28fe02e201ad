package triage

// dense are the features that have a place of their own: sums over the lexicon and what the eye sees at once.
type dense int

const (
	dPos             dense = iota // strength of what is good
	dNeg                          // strength of what is bad
	dNegatedPos                   // good, but negated
	dNegatedNeg                   // bad, but negated
	dPosCount                     // good words
	dNegCount                     // bad words
	dBalance                      // (good - bad) / (good + bad)
	dMaxPos                       // the strongest good word
	dMaxNeg                       // the strongest bad word
	dFirstPos                     // good among the first three words
	dFirstNeg                     // bad among the first three words
	dLastPos                      // good in the last sentence
	dLastNeg                      // bad in the last sentence
	dAfterPos                     // good behind the last but
	dAfterNeg                     // bad behind the last but
	dBeforePos                    // good before it
	dBeforeNeg                    // bad before it
	dBoth                         // as much good as bad
	dNothing                      // neither good nor bad
	dEmojiPos                     // good pictures
	dEmojiNeg                     // bad pictures
	dEmoji                        // pictures
	dWordPosEmojiNeg              // good words beside bad pictures
	dWordNegEmojiPos              // bad words beside good pictures
	dExclaim                      // exclamation marks
	dQuestion                     // question marks
	dManyQuestions                // several in a row
	dEndsQuestion                 // the last sign is one
	dEllipsis                     // dots
	dPosEllipsis                  // dots right behind a good word
	dQuote                        // quotation marks
	dCaps                         // share of capital letters in words of capitals
	dAllCaps                      // nothing but capitals
	dLong                         // drawn out letters
	dLen1                         // up to two words
	dLen2                         // three to five
	dLen3                         // six to twelve
	dLen4                         // thirteen to thirty
	dLen5                         // more
	dInsult                       // words that insult
	dIrony                        // words of irony
	dModal                        // wishes
	dThanks                       // thanks and greetings
	dAsk                          // words that ask
	dStartsAsk                    // one at the beginning
	dSpam                         // words of advertising
	dNegator                      // words that negate
	dBut                          // words that turn round
	dStartsBut                    // one at the beginning
	dBooster                      // words that strengthen
	dDiminisher                   // words that weaken
	dTheme                        // words with a theme
	dThemePos                     // ... beside good
	dThemeNeg                     // ... beside bad
	dUrgent                       // the greatest urgency
	dSecond                       // you
	dSecondPos                    // ... beside good
	dSecondNeg                    // ... beside bad
	dFirst                        // I, we
	dLink                         // links
	dMention                      // names of accounts
	dHashtag                      // words behind #
	dNumber                       // numbers
	dCurrency                     // amounts
	dLaugh                        // laughter
	dRatingPos                    // 9/10
	dRatingNeg                    // 2/10
	dIronyPos                     // words of irony beside good
	dThanksNeg                    // thanks beside bad
	dModalTheme                   // a wish about a theme
	dAskPlain                     // asking without good or bad
	dUnknown                      // share of words that no lexicon knows
	dPosNumber                    // good beside numbers
	dPosQuote                     // good beside quotation marks
	dPosWaiting                   // good beside how long somebody has waited
	dPosThenNeg                   // good, and bad behind it in the same sentence
	dOthers                       // words that speak of others
	dOthersNeg                    // ... beside bad
	dOthersFirst                  // one among the first three words
	dThemes                       // ten: words of each theme
)

const (
	dCues    = dThemes + nThemes // seven: the greatest urgency of each cue
	dWaiting = dCues + nCues     // how long somebody says to have waited
	dCount   = dWaiting + 1
	nCues    = 7
)

// side tells which part of the words makes a dense feature, so that what it weighs can be handed back to them.
func (f dense) side() int8 {
	switch f {
	case dPos, dPosCount, dMaxPos, dFirstPos, dLastPos, dAfterPos, dBeforePos, dNegatedNeg, dEmojiPos, dThemePos, dSecondPos, dWordPosEmojiNeg, dIronyPos:
		return 1
	case dNeg, dNegCount, dMaxNeg, dFirstNeg, dLastNeg, dAfterNeg, dBeforeNeg, dNegatedPos, dEmojiNeg, dThemeNeg, dSecondNeg, dWordNegEmojiPos, dThanksNeg:
		return -1
	}
	return 0
}

// flagSide gives the dense feature that counts the words of a flag, or -1.
func flagSide(flag wordFlag) dense {
	switch flag {
	case flagInsult:
		return dInsult
	case flagIrony:
		return dIrony
	case flagModal:
		return dModal
	case flagThanks:
		return dThanks
	case flagQuestion:
		return dAsk
	case flagSpam:
		return dSpam
	case flagOthers:
		return dOthers
	}
	return -1
}

// How far a negator or booster reaches, in tokens.
const (
	negatorReach = 4
	boosterReach = 2
)

// sentiment is what one found entry adds, after what stands around it.
type sentiment struct {
	pos, neg float32 // strength, 0 or more
	negated  bool
	negator  int32 // where negated: the first token of what negates it
}

// weigh gives what each found entry says once negators, boosters and capitals around it are heard.
func (s *scratch) weigh() {
	s.felt = s.felt[:0]
	negatorAt, negatorFrom, negatorClause := int32(-100), int32(0), uint16(0)
	boostAt, dimAt := int32(-100), int32(-100)
	for i := range s.found {
		f := &s.found[i]
		e := f.entry
		t := &s.tokens[f.from]
		var v sentiment
		if e.Polarity != 0 {
			x := float32(e.Polarity)
			if x < 0 {
				x = -x
			}
			if f.from-boostAt <= boosterReach || t.marks&(markCaps|markLong) != 0 || s.superlative(t) {
				x += float32(x * 0.4)
			}
			if f.from-dimAt <= boosterReach {
				x = float32(x * 0.6)
			}
			v.negated = f.from-negatorAt <= negatorReach && negatorClause == t.clause && t.kind == kindWord && e.flags&flagDenies == 0
			v.negator = negatorFrom
			if (e.Polarity > 0) != v.negated {
				v.pos = x
			} else {
				v.neg = x
			}
		}
		s.felt = append(s.felt, v)
		last := f.to - 1
		if e.flags&flagBut != 0 {
			negatorAt = -100
		}
		if e.flags&flagNegator != 0 && e.Polarity == 0 {
			negatorAt, negatorFrom, negatorClause = last, f.from, t.clause
		}
		if e.flags&flagBooster != 0 {
			boostAt = last
			if f.from-negatorAt <= boosterReach { // not very: the negator goes on
				negatorAt++
			}
		}
		if e.flags&flagDiminisher != 0 {
			dimAt = last
		}
	}
}

// superlative tells -issimo from the rest.
func (s *scratch) superlative(t *token) bool {
	w := s.fold[t.from:t.to]
	n := len(w)
	return n >= 8 && string(w[n-6:n-1]) == "issim"
}

// squash keeps sums from growing for ever: 0 stays 0, half is reached at h, 1 never.
func squash(x, h float32) float32 {
	if x <= 0 {
		return 0
	}
	return x / (x + h)
}

// sums fills the dense features.
func (s *scratch) sums() {
	d := &s.dense
	*d = [dCount]float32{}
	var pos, neg, negatedPos, negatedNeg, emojiPos, emojiNeg, maxPos, maxNeg float32
	var nPos, nNeg, themes, known float32
	var flags [len(flagLetters)]float32
	but := int32(-1)
	words := float32(0)
	var lastSentence uint16
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind == kindWord || t.kind == kindNumber {
			words++
			lastSentence = t.sentence
		} else if t.kind == kindEmoji && words == 0 {
			lastSentence = t.sentence
		}
	}
	for i := range s.found {
		f := &s.found[i]
		known += float32(f.to - f.from)
		for b := range flagLetters {
			if f.entry.flags&(1<<b) != 0 {
				flags[b]++
			}
		}
		if f.entry.flags&flagBut != 0 {
			but = f.from
		}
		if f.entry.flags&flagOthers != 0 && f.from < 3 {
			d[dOthersFirst] = 1
		}
		if f.entry.themes != 0 {
			themes++
			for i := range nThemes {
				if f.entry.themes&(1<<i) != 0 {
					d[dThemes+dense(i)]++
				}
			}
		}
		if u := float32(f.entry.Urgency) / 3; u > 0 {
			d[dUrgent] = max(d[dUrgent], u)
			for i := range dense(nCues) {
				if f.entry.cues&(1<<i) != 0 {
					d[dCues+i] = max(d[dCues+i], u)
				}
			}
		}
	}
	for i := range s.found {
		f, v := &s.found[i], s.felt[i]
		t := &s.tokens[f.from]
		if t.kind == kindEmoji {
			emojiPos += v.pos
			emojiNeg += v.neg
			continue
		}
		switch {
		case v.pos > 0 && v.negated:
			negatedNeg += v.pos
		case v.pos > 0:
			pos += v.pos
			nPos++
			maxPos = max(maxPos, v.pos)
		case v.neg > 0 && v.negated:
			negatedPos += v.neg
		case v.neg > 0:
			neg += v.neg
			nNeg++
			maxNeg = max(maxNeg, v.neg)
		default:
			continue
		}
		if f.from < 3 {
			d[dFirstPos] += v.pos
			d[dFirstNeg] += v.neg
		}
		if t.sentence == lastSentence {
			d[dLastPos] += v.pos
			d[dLastNeg] += v.neg
		}
		if but >= 0 && f.from >= but {
			d[dAfterPos] += v.pos
			d[dAfterNeg] += v.neg
		} else if but >= 0 {
			d[dBeforePos] += v.pos
			d[dBeforeNeg] += v.neg
		}
	}
	for _, f := range []dense{dFirstPos, dFirstNeg, dLastPos, dLastNeg, dAfterPos, dAfterNeg, dBeforePos, dBeforeNeg} {
		d[f] = squash(d[f], 2)
	}
	good, bad := pos+float32(negatedNeg*0.6)+emojiPos, neg+float32(negatedPos*0.8)+emojiNeg
	d[dPos], d[dNeg] = squash(pos, 3), squash(neg, 3)
	d[dNegatedPos], d[dNegatedNeg] = squash(negatedPos, 2), squash(negatedNeg, 2)
	d[dPosCount], d[dNegCount] = squash(nPos, 2), squash(nNeg, 2)
	d[dMaxPos], d[dMaxNeg] = maxPos/4, maxNeg/4
	if good+bad > 0 {
		d[dBalance] = (good - bad) / (good + bad)
		d[dBoth] = min(good, bad) / max(good, bad)
	} else {
		d[dNothing] = 1
	}
	d[dEmojiPos], d[dEmojiNeg] = squash(emojiPos, 3), squash(emojiNeg, 3)
	d[dWordPosEmojiNeg] = min(squash(pos, 1), squash(emojiNeg, 1))
	d[dWordNegEmojiPos] = min(squash(neg, 1), squash(emojiPos, 1))
	s.flagSums(flags)
	s.signs(words)
	d[dTheme] = squash(themes, 2)
	for i := range dense(nThemes) {
		d[dThemes+i] = squash(d[dThemes+i], 1)
	}
	d[dThemePos], d[dThemeNeg] = min(d[dTheme], squash(good, 2)), min(d[dTheme], squash(bad, 2))
	d[dSecondPos], d[dSecondNeg] = min(d[dSecond], squash(good, 2)), min(d[dSecond], squash(bad, 2))
	d[dOthersNeg] = min(d[dOthers], squash(bad, 2))
	d[dIronyPos] = min(d[dIrony], squash(good, 2))
	d[dThanksNeg] = min(d[dThanks], squash(bad, 2))
	d[dModalTheme] = min(d[dModal], d[dTheme])
	if good+bad == 0 && (d[dAsk] > 0 || d[dQuestion] > 0) {
		d[dAskPlain] = 1
	}
	d[dWaiting] = float32(s.waiting()) / 2
	s.goodBeside(squash(pos, 2))
	if words > 0 {
		d[dUnknown] = max(0, 1-known/words)
	}
}

// goodBeside fills what good words stand beside where they are not meant.
func (s *scratch) goodBeside(pos float32) {
	d := &s.dense
	d[dPosNumber], d[dPosQuote], d[dPosWaiting] = min(pos, d[dNumber]), min(pos, d[dQuote]), min(pos, d[dWaiting])
	good, sentence := false, uint16(0)
	for i := range s.found {
		t, v := &s.tokens[s.found[i].from], s.felt[i]
		if good && v.neg > 0 && t.sentence == sentence {
			d[dPosThenNeg] = 1
		}
		if v.pos > 0 {
			good, sentence = true, t.sentence
		}
	}
}

func (s *scratch) flagSums(flags [len(flagLetters)]float32) {
	d := &s.dense
	for i := range flagLetters {
		x := squash(flags[i], 1)
		switch wordFlag(1 << i) {
		case flagInsult:
			d[dInsult] = x
		case flagIrony:
			d[dIrony] = x
		case flagModal:
			d[dModal] = x
		case flagThanks:
			d[dThanks] = x
		case flagQuestion:
			d[dAsk] = x
		case flagSpam:
			d[dSpam] = x
		case flagOthers:
			d[dOthers] = x
		case flagNegator:
			d[dNegator] = x
		case flagBut:
			d[dBut] = x
		case flagBooster:
			d[dBooster] = x
		case flagDiminisher:
			d[dDiminisher] = x
		}
	}
	if len(s.found) > 0 && s.found[0].from == 0 {
		first := s.found[0].entry.flags
		if first&flagQuestion != 0 {
			d[dStartsAsk] = 1
		}
		if first&flagBut != 0 {
			d[dStartsBut] = 1
		}
	}
}

// signs fills what is seen without knowing a word.
func (s *scratch) signs(words float32) {
	d := &s.dense
	var exclaim, question, ellipsis, quote, emoji, long, caps, second, first, link, mention, hashtag, number, currency, laugh float32
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.marks&markLong != 0 {
			long++
		}
		if t.marks&markHashtag != 0 {
			hashtag++
		}
		if t.marks&markCaps != 0 {
			caps++
		}
		switch t.kind {
		case kindExclaim:
			exclaim += float32(min(t.count, 5))
		case kindQuestion:
			question += float32(min(t.count, 5))
			if t.count > 1 || i+1 < len(s.tokens) && s.tokens[i+1].kind == kindExclaim {
				d[dManyQuestions] = 1
			}
		case kindEllipsis:
			ellipsis++
			for k := range s.found {
				if f := &s.found[k]; int(f.to) == i && s.felt[k].pos > 0 {
					d[dPosEllipsis] = 1
				}
			}
		case kindQuote:
			quote++
		case kindEmoji:
			emoji++
		case kindCurrency:
			currency++
		case kindLink:
			link++
		case kindMention:
			mention++
		case kindNumber:
			number++
			s.rating(i)
		case kindWord:
			switch s.persons[i] {
			case personSecond, personUs:
				second++
			case personFirst:
				first++
			}
			if w := s.fold[t.from:t.to]; string(w) == "haha" {
				laugh++
			}
		}
	}
	if n := len(s.tokens); n > 0 && s.tokens[n-1].kind == kindQuestion {
		d[dEndsQuestion] = 1
	}
	d[dExclaim], d[dQuestion], d[dEllipsis], d[dQuote] = squash(exclaim, 2), squash(question, 1), squash(ellipsis, 1), squash(quote, 2)
	d[dEmoji], d[dLong], d[dLaugh] = squash(emoji, 2), squash(long, 1), squash(laugh, 1)
	d[dSecond], d[dFirst] = squash(second, 1), squash(first, 1)
	d[dLink], d[dMention], d[dHashtag] = squash(link, 1), squash(mention, 1), squash(hashtag, 1)
	d[dNumber], d[dCurrency] = squash(number, 2), squash(currency, 1)
	if words > 0 {
		d[dCaps] = caps / words
	}
	if s.upper >= 6 && s.lower*6 < s.upper {
		d[dAllCaps] = 1
	}
	switch {
	case words <= 2:
		d[dLen1] = 1
	case words <= 5:
		d[dLen2] = 1
	case words <= 12:
		d[dLen3] = 1
	case words <= 30:
		d[dLen4] = 1
	default:
		d[dLen5] = 1
	}
}

// rating understands 9/10 and 4/5 at token i.
func (s *scratch) rating(i int) {
	if i+2 >= len(s.tokens) || s.tokens[i+2].kind != kindNumber || s.tokens[i+1].kind != kindComma || s.text[s.tokens[i+1].start] != '/' {
		return
	}
	got, ok := s.small(i)
	of, ok2 := s.small(i + 2)
	if !ok || !ok2 || of != 5 && of != 10 {
		return
	}
	switch r := got / of; {
	case r >= 0.75:
		s.dense[dRatingPos] = 1
	case r <= 0.55:
		s.dense[dRatingNeg] = 1
	}
}

// small reads a number up to 99.
func (s *scratch) small(i int) (float32, bool) {
	w := s.fold[s.tokens[i].from:s.tokens[i].to]
	if len(w) == 0 || len(w) > 2 {
		return 0, false
	}
	x := float32(0)
	for _, c := range w {
		if c < '0' || c > '9' {
			return 0, false
		}
		x = float32(x*10) + float32(c-'0')
	}
	return x, true
}
