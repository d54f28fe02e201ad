package writing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/writing"
)

// What looks like a secret is put together here, so that whoever searches this repository for secrets finds none.
func secret(parts ...string) string { return strings.Join(parts, "") }

func TestWhatMustBeConfirmed(t *testing.T) {
	t.Parallel()
	random := "q7Gk2Zp9Xw4Lr8Tn3Vb6Yc1M"
	for _, c := range []struct{ body, want string }{
		// telephone numbers
		{"Chiamaci al 055 1234567 dalle 9.", "phone: 055 1234567"},
		{"Chiamaci allo 0551234567.", "phone: 0551234567"},
		{"Tel. 0571/123456", "phone: 0571/123456"},
		{"Roma 06 12345678", "phone: 06 12345678"},
		{"Il mio è 347 1234567", "phone: 347 1234567"},
		{"Il mio è 347.123.45.67, scrivi", "phone: 347.123.45.67"},
		{"3471234567", "phone: 3471234567"},
		{"(055) 123456 è il negozio", "phone: (055) 123456"},
		{"+39 347 1234567", "phone: +39 347 1234567"},
		{"0039 055 1234567", "phone: 0039 055 1234567"},
		{"+44 20 7946 0958, ask for Ann", "phone: +44 20 7946 0958"},
		{"Call (212) 555-0123 today", "phone: (212) 555-0123"},
		{"Whatsapp 12345678", "phone: 12345678"},
		{"Scrivimi: https://wa.me/393471234567", "phone: https://wa.me/393471234567"},
		// accounts, cards, codes
		{"Bonifico su IT60X0542811101000000123456 entro lunedì", "iban: IT60X0542811101000000123456"},
		{"Bonifico su it60 x054 2811 1010 0000 0123 456.", "iban: it60 x054 2811 1010 0000 0123 456"},
		{"DE89 3704 0044 0532 0130 00", "iban: DE89 3704 0044 0532 0130 00"},
		{"Ha pagato con 4111 1111 1111 1111.", "card: 4111 1111 1111 1111"},
		{"Carta 5555555555554444", "card: 5555555555554444"},
		{"3782-822463-10005", "card: 3782-822463-10005"},
		{"CF RSSMRA80A01H501U", "fiscal: RSSMRA80A01H501U"},
		{"rssmra80a01h501u", "fiscal: rssmra80a01h501u"},
		// addresses of people
		{"Scrivi a mario.rossi@arno.example.", "email: mario.rossi@arno.example"},
		{"(anna_b+vasi@posta.arno.example)", "email: anna_b+vasi@posta.arno.example"},
		// secrets
		{"La password è Estate2026", "secret: Estate2026"},
		{"Wi-Fi password: ceramica", "secret: ceramica"},
		{"La password del Wi-Fi in negozio è Smalto2026.", "secret: Smalto2026"},
		{"password=«Pioggia!Fitta»", "secret: Pioggia!Fitta"},
		{"Il pin è 4471.", "secret: 4471"},
		{"The access code is 99371", "secret: 99371"},
		{"Ecco " + secret("gh", "p_", strings.Repeat("aB3", 12)), "secret: " + secret("gh", "p_", strings.Repeat("aB3", 12))},
		{secret("AK", "IA", "ABCDEFGH23456789"), "secret: " + secret("AK", "IA", "ABCDEFGH23456789")},
		{"https://a.example/?x=1&k=" + secret("AI", "za", strings.Repeat("aB3dE", 7)), "secret: " + secret("AI", "za", strings.Repeat("aB3dE", 7))},
		{secret("ey", "J", strings.Repeat("aB3", 10), ".ey", "J", strings.Repeat("xY7", 10), ".", strings.Repeat("Q2w", 9)) + " scade", "secret: " + secret("ey", "J", strings.Repeat("aB3", 10), ".ey", "J", strings.Repeat("xY7", 10), ".", strings.Repeat("Q2w", 9))},
		{secret("1234567890", ":AA", strings.Repeat("aB3", 11)), "secret: " + secret("1234567890", ":AA", strings.Repeat("aB3", 11))},
		{"chiave " + random + " qui", "secret: " + random},
		{"3f786850e387550fdab836ed7e6dc881", "secret: 3f786850e387550fdab836ed7e6dc881"},
		{"https://anna:segreta@arno.example/foto", "secret: https://anna:segreta@arno.example/foto"},
		{"https://arno.example/foto?access_token=abcdef1234567890", "secret: https://arno.example/foto?access_token=abcdef1234567890"},
		{"a\n-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nb", "secret: -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"},
		{"-----BEGIN PRIVATE KEY-----", "secret: -----BEGIN PRIVATE KEY-----"},
	} {
		if got := confirms(writing.Text{Body: c.body, Language: "it"}); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
}

// What looks a little like it and is said in public every day.
func TestWhatMayBeSaid(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		// orders, codes, invoices
		"Il tuo ordine n. 3471234567 è partito.", "Ordine 0551234567 spedito", "Rif. 0571/123456 del 3 marzo", "Fattura 2026/000123 del 12/03/2026", "Order #4400123456", "ORD-2026-11-000123",
		"Spedizione 1Z999AA10123456784, tracking RR123456785IT", "JJD000390007882234567", "EAN 4006381333931", "ISBN 978-3-16-148410-0", "Lotto 20260312-07",
		// public numbers of companies
		"P.IVA 01234567890", "Partita IVA: 01234567890", "VAT IT01234567890", "REA FI-123456", "C.F. e P. IVA 06363391001", "Numero verde 800 123 456", "Chiama l'800123456", "Capitale sociale 350.000.000 €",
		// sums
		"Costa 3.471.234.567 lire", "€ 0551234567", "Abbiamo venduto 350.000.000 di tazze", "347 1234567 euro", "Sconto del 30%", "7,90 in Italia, 11,90 isole, gratis sopra 90", "1.240 gradi per 12 ore",
		// days and hours
		"Il 02/06/2026 siamo chiusi", "Dal 01.02.2026 al 03.02.2026", "Aperti 09.30-12.30 e 15.30-19.30", "Orario: 9-13 / 15-19", "2026-03-29 02:30", "Dal 24-12-2026", "Nel 2024, 2025, 2026 e 2027", "06.30-12.30",
		// places, sizes
		"Via Roma 12, 50023 Impruneta", "Misure 30 x 40 x 12 cm, peso 1250 g", "Formato 1080x1350, 4:5", "Coordinate 43.7696, 11.2558",
		// words
		"La password è cambiata, chiedila in negozio.", "Password: chiedila in negozio a Giulia", "Il pin di smalto è bello", "Token: li trovi alla cassa", "Il segreto è la terra buona", "Chi ha perso la password, scriva qui: Tornio2026 la manda di nuovo", "Password per i soci: si ritira in negozio",
		"supercalifragilistichespiralidoso", "#CeramicheArno2026Primavera", "@ceramiche.arno@toscana.example", "CeramicheArnoFirenze2026Catalogo", "donaudampfschifffahrtsgesellschaft",
		"https://youtu.be/dQw4w9WgXcQ?si=Ab3Cd4Ef5Gh6Ij7K", "https://arno.example/catalogo-primavera-2026-tazze-e-piatti-da-tavola.html", "www.arno.example/foto/2026/03/29/", "arno.it",
		"550e8400-e29b-41d4-a716-446655440000", "un'ora di tornio costa 25 euro", "info", "sk-learn e asia-pacifico", "key-value", "1234 5678 9012 3456", "4111 1111 1111 1112", "IT60X0542811101000000123457",
		"RSSMRA80A01H501A", "A:B:C", "+20% in 2026", "Siamo a +1.000.000 di tazze", "Siamo a +10.000.000 di visite", "0 a 0, palla al centro 90 minuti", "00", "Il n. 800 della serie",
	} {
		if got := confirms(writing.Text{Body: body, Language: "it"}); len(got) > 0 {
			t.Errorf("%q must be confirmed: %q", body, got)
		}
	}
}

func TestOwnContactsAreKnown(t *testing.T) {
	t.Parallel()
	in := writing.Text{
		Body:     "Negozio: +39 055 1234567, giulia@arno.example, IT60 X054 2811 1010 0000 0123 456, https://wa.me/390551234567. Piero: 347 1234567.",
		Language: "it",
		Public:   []string{"055/1234567", "Giulia@Arno.example", "IT60X0542811101000000123456"},
	}
	if got := confirms(in); !slices.Equal(got, []string{"phone: 347 1234567"}) {
		t.Errorf("%q", got)
	}
	general := writing.Text{Body: "Scrivi a info@arno.example o prenotazioni@arno.example", Language: "it"}
	if got := confirms(general); len(got) > 0 {
		t.Errorf("%q", got)
	}
	check(t, general, writing.Email, "info@arno.example", "prenotazioni@arno.example")
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body    string
		confirm []string
		look    []string
	}{
		{"Grazie a Marta Neri per la foto.", nil, []string{"Marta Neri"}},
		{"Grazie a Marta per la foto.", nil, nil},
		{"Oggi al tornio c'è Irene Corsi.", nil, nil}, // a colleague
		{"Marta Neri abita in via Roma 3, passate a salutarla.", []string{"Marta Neri"}, nil},
		{"Neri Marta, 347 1234567", []string{"Neri Marta"}, nil},
		{"Irene è in ospedale, torna lunedì.", []string{"Irene"}, nil},
		{"Irene ha compiuto il vaso. L'ospedale di Firenze ci ha comprato trenta tazze per la sua mensa, e noi le abbiamo fatte tutte a mano in due settimane.", nil, nil},
		{"Auguri @[Marta](per_01) per il compleanno", []string{"Marta"}, nil},
		{"Auguri a @marta@toscana.example per il compleanno", []string{"@marta@toscana.example"}, nil},
		{"La marta neri del bosco", nil, nil}, // no capitals: an animal
		{"Ciao @[Marta Neri](per_01), bella foto", nil, nil},
		{"Siamo all'ospedale di Firenze", nil, nil},
	} {
		in := writing.Text{Body: c.body, Language: "it", Customers: []string{"Marta Neri"}, Colleagues: []string{"Irene Corsi"}}
		var confirm, look []string
		for _, a := range writing.Look(in) {
			switch {
			case a.Kind == writing.Name && a.Level == writing.Confirm:
				confirm = append(confirm, c.body[a.Start:a.End])
			case a.Kind == writing.Name:
				look = append(look, c.body[a.Start:a.End])
			}
		}
		if !slices.Equal(confirm, c.confirm) || !slices.Equal(look, c.look) {
			t.Errorf("%q: confirm %q, look %q; want %q and %q", c.body, confirm, look, c.confirm, c.look)
		}
	}
}
