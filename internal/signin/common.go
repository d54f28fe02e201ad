package signin

// common are passwords of ten characters and more that everybody tries first, as lower-case letters and digits; digits
// at their end do not matter. Shorter ones are refused for their length.
var common = []string{
	"password", "passwordpassword", "passw0rd", "mypassword", "thepassword", "newpassword", "password123456", "yourpassword",
	"adminadmin", "administrator", "administrator1", "adminpassword", "rootroot", "superuser", "letmeinplease", "letmein",
	"welcome", "welcomehome", "welcome123", "changeme", "changemenow", "pleasechange", "defaultpassword", "default",
	"qwertyuiop", "qwertyuiopasdf", "qwerty", "qwertyqwerty", "qwertyuiopasdfghjkl", "asdfghjkl", "asdfghjklm", "zxcvbnm", "asdfasdf",
	"1q2w3e4r5t", "1q2w3e4r5t6y", "q1w2e3r4t5", "q1w2e3r4t5y6", "1qaz2wsx3edc", "qazwsxedc", "qazwsxedcrfv", "zaq12wsxcde", "1234qwerasdf",
	"12345qwert", "123456qwerty", "qwerty123456", "abcd1234", "abc123456", "a1b2c3d4e5", "1a2b3c4d5e", "abcdefghij", "abcde12345",
	"iloveyou", "iloveyousomuch", "iloveyouforever", "ilovemyself", "sunshine", "princess", "football", "baseball", "basketball",
	"superman", "spiderman", "starwars", "pokemon", "dragon", "monkey", "michael", "jennifer", "liverpoolfc", "manchester", "whatever",
	"trustno1", "masterkey", "secretsecret", "topsecret", "mysecret", "opensesame", "testtest", "testpassword", "testing", "guestguest",
	"computer", "internet", "facebook", "instagram", "mastodon", "bluesky", "fediverse", "pontepontee", "ponteponte", "socialmedia",
	"passwordsicura", "lamiapassword", "nuovapassword", "miapassword", "cambiami", "cambiamisubito", "benvenuto", "benvenuti", "benvenuta",
	"amministratore", "amministrazione", "direzione", "segreteria", "ragioneria", "ufficio", "ufficiopost", "azienda", "aziendale",
	"ciaociao", "ciaociaociao", "ciaobella", "buongiorno", "buonasera", "arrivederci", "italia", "italiaitalia", "forzaitalia", "vivaitalia",
	"juventus", "juventus1897", "forzajuve", "forzajuventus", "forzainter", "internazionale", "inter1908", "forzamilan", "milan1899",
	"forzaroma", "asroma1927", "forzanapoli", "napoli1926", "forzalazio", "fiorentina", "forzaviola", "sampdoria", "atalanta", "bologna",
	"francesco", "francesca", "alessandro", "alessandra", "giuseppe", "giovanni", "antonio", "antonella", "valentina", "margherita",
	"stefania", "federica", "federico", "leonardo", "tiamo", "tiamotanto", "tiamotantissimo", "amoremio", "amoremiotiamo", "amoreamore",
	"amoredellamiavita", "principessa", "stellina", "tesoromio", "cucciolo", "gattino", "gattogatto", "farfalla", "arcobaleno",
	"ferrari", "lamborghini", "vesparossa", "ducatiducati", "valentinorossi", "pizzapizza", "spaghetti", "mozzarella", "cioccolato",
	"firenze", "milano", "napoli", "torino", "venezia", "palermo", "romaroma", "sicilia", "sardegna", "toscana", "mammamia", "mammaepapa",
	"gesucristo", "sangennaro", "padrepio", "sanfrancesco", "santantonio", "buonnatale", "primavera", "estate", "autunno", "inverno",
	"correcthorsebatterystaple",
}
