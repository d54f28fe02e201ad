package view

// compact keeps the texts that are not empty.
func compact(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// first gives the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func keyKind(yes bool, k KeyKind) KeyKind {
	if yes {
		return k
	}
	return KeyPlain
}

func memberFacts(p Page, v Member) []Fact {
	facts := []Fact{{Label: p.T("teampage.role"), Value: v.Role}}
	if v.Job != "" {
		facts = append(facts, Fact{Label: p.T("teampage.job"), Value: v.Job})
	}
	return append(facts, Fact{Label: p.T("door.email"), Value: v.Email})
}
