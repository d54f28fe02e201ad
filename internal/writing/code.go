package writing

import (
	"strings"
)

// ibanLengths are how long the IBANs of each country are (the IBAN registry of ISO 13616).
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24,
	"DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
	"HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
	"LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29,
	"RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22,
	"VG": 24, "XK": 20,
}

// ibans tells of account numbers, written together or in groups, whose check digits are right.
func (s *search) ibans() {
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != aWord || t.end-t.start < 4 {
			continue
		}
		length, ok := ibanLengths[strings.ToUpper(s.body[t.start:t.start+2])]
		if !ok || !digitAt(s.body, t.start+2) || !digitAt(s.body, t.start+3) {
			continue
		}
		code, end := s.together(t.start, length)
		if at := (span{t.start, end}); len(code) == length && mod97(code) && !s.isPublic(at) {
			s.found(Advice{Kind: IBAN, Level: Confirm, Key: "writing.iban", Start: at.from, End: at.to}, true)
		}
	}
}

// together reads n letters and digits from a place on, over single blanks, in capitals, and where they end. What is followed
// by more of them in the same group is none.
func (s *search) together(at, n int) (string, int) {
	code := make([]byte, 0, n)
	i := at
	for i < len(s.body) && len(code) < n {
		switch c := s.body[i]; {
		case alnum(c):
			if c >= 'a' && c <= 'z' {
				c -= 'a' - 'A'
			}
			code = append(code, c)
		case c == ' ' && i > at && s.body[i-1] != ' ':
		default:
			return string(code), i
		}
		i++
	}
	if i < len(s.body) && alnum(s.body[i]) {
		return "", i
	}
	return string(code), i
}

// mod97 tells whether the check digits of an IBAN in capitals are right (ISO 7064, MOD 97-10).
func mod97(code string) bool {
	rest := 0
	for i := range len(code) {
		switch c := code[(i+4)%len(code)]; {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

// fiscalCodes tells of codici fiscali of people, whose check letter is right.
func (s *search) fiscalCodes() {
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind == aWord && t.end-t.start == 16 && fiscalCode(strings.ToUpper(s.body[t.start:t.end])) {
			s.found(Advice{Kind: FiscalCode, Level: Confirm, Key: "writing.fiscal", Start: t.start, End: t.end}, true)
		}
	}
}

// odd are the values of letters and digits at odd places of a codice fiscale (decreto ministeriale of 23 December 1976).
var odd = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// fiscalCode tells whether 16 letters and digits in capitals are the codice fiscale of a person: its shape, with
// letters for digits where two people would have the same, and its check letter.
func fiscalCode(c string) bool {
	const shape = "LLLLLLDDMDDLDDDL"
	sum := 0
	for i := range len(c) {
		b := c[i]
		isLetter, isDigit := b >= 'A' && b <= 'Z', b >= '0' && b <= '9'
		switch shape[i] {
		case 'L':
			if !isLetter {
				return false
			}
		case 'M':
			if strings.IndexByte("ABCDEHLMPRST", b) < 0 {
				return false
			}
		default:
			if !isDigit && strings.IndexByte("LMNPQRSTUV", b) < 0 {
				return false
			}
		}
		if i == len(c)-1 {
			return int(b-'A') == sum%26
		}
		n := int(b - '0')
		if isLetter {
			n = int(b - 'A')
		}
		if i%2 == 0 {
			n = odd[n]
		}
		sum += n
	}
	return false
}

// emails tells of e-mail addresses. One that is nobody's own, such as info@, is only to be looked at.
func (s *search) emails() {
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != anEmail || s.isPublic(span{t.start, t.end}) {
			continue
		}
		name, _, _ := strings.Cut(s.body[t.start:t.end], "@")
		name = strings.ToLower(name)
		if listsOf("it").has(inRole, name) || listsOf("en").has(inRole, name) {
			s.found(Advice{Kind: Email, Level: Careful, Key: "writing.email.role", Start: t.start, End: t.end}, false)
			continue
		}
		s.found(Advice{Kind: Email, Level: Confirm, Key: "writing.email", Start: t.start, End: t.end}, true)
	}
}
