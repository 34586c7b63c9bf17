"""The invoices of Italy, Poland and Spain: what each states, and what it leaves open."""

from reader.document import read
from shared.wire.facts import Amounts, Kind, Party

ITALIAN_BODY = """<FatturaElettronicaBody>
 <DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento><Divisa>EUR</Divisa><Data>2026-11-13</Data>
  <Numero>FPR 12/26</Numero><ImportoTotaleDocumento>1220.00</ImportoTotaleDocumento></DatiGeneraliDocumento>
  <DatiOrdineAcquisto><IdDocumento>66685</IdDocumento></DatiOrdineAcquisto></DatiGenerali>
 <DatiBeniServizi><DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>1000.00</ImponibileImporto>
  <Imposta>220.00</Imposta></DatiRiepilogo></DatiBeniServizi>
 <DatiPagamento><CondizioniPagamento>TP02</CondizioniPagamento><DettaglioPagamento>
  <Beneficiario>Banca Factor</Beneficiario><DataScadenzaPagamento>2026-12-31</DataScadenzaPagamento>
  <ImportoPagamento>1020.00</ImportoPagamento><IBAN>IT60X0542811101000000123456</IBAN>
  <CodicePagamento>RF18</CodicePagamento></DettaglioPagamento></DatiPagamento>
</FatturaElettronicaBody>"""

ITALIAN_HEAD = """<FatturaElettronicaHeader>
 <CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567890</IdCodice></IdFiscaleIVA>
  <CodiceFiscale>RSSMRA80A01H501U</CodiceFiscale><Anagrafica><Nome>Mario</Nome><Cognome>Rossi</Cognome></Anagrafica>
  </DatiAnagrafici><Sede><Nazione>IT</Nazione></Sede></CedentePrestatore>
 <CessionarioCommittente><DatiAnagrafici><CodiceFiscale>09876543210</CodiceFiscale>
  <Anagrafica><Denominazione>Beta Gamma</Denominazione></Anagrafica></DatiAnagrafici>
  <Sede><Nazione>IT</Nazione></Sede></CessionarioCommittente>
</FatturaElettronicaHeader>"""


def italian(*bodies: str) -> bytes:
    return (
        '<p:FatturaElettronica versione="FPR12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">'
        f"{ITALIAN_HEAD}{''.join(bodies)}</p:FatturaElettronica>"
    ).encode()


POLISH = """<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
 <Naglowek><KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza></Naglowek>
 <Podmiot1><DaneIdentyfikacyjne><NIP>5252248481</NIP><Nazwa>Łódź Sp. z o.o.</Nazwa></DaneIdentyfikacyjne>
  <Adres><KodKraju>PL</KodKraju></Adres></Podmiot1>
 <Podmiot2><DaneIdentyfikacyjne><KodUE>DE</KodUE><NrVatUE>123456789</NrVatUE><Nazwa>Käufer AG</Nazwa>
  </DaneIdentyfikacyjne><Adres><KodKraju>DE</KodKraju></Adres></Podmiot2>
 <Fa><KodWaluty>PLN</KodWaluty><P_1>2026-11-13</P_1><P_2>FV/11/2026</P_2><P_13_1>1000.00</P_13_1>
  <P_14_1>230.00</P_14_1><P_14_1W>230.00</P_14_1W><P_15>1230.00</P_15><RodzajFaktury>VAT</RodzajFaktury>
  <Platnosc><TerminPlatnosci><Termin>2026-11-27</Termin></TerminPlatnosci><FormaPlatnosci>6</FormaPlatnosci>
   <RachunekBankowy><NrRB>61 1090 1014 0000 0712 1981 2874</NrRB></RachunekBankowy></Platnosc>
  <WarunkiTransakcji><Zamowienia><NrZamowienia>ZAM/7</NrZamowienia></Zamowienia></WarunkiTransakcji></Fa>
</Faktura>"""

SPANISH = """<fe:Facturae xmlns:fe="http://www.facturae.es/Facturae/2014/v3.2.1/Facturae">
 <FileHeader><SchemaVersion>3.2.1</SchemaVersion></FileHeader>
 <Parties><SellerParty><TaxIdentification><TaxIdentificationNumber>B12345674</TaxIdentificationNumber>
  </TaxIdentification><LegalEntity><CorporateName>Ñandú S.L.</CorporateName>
  <AddressInSpain><CountryCode>ESP</CountryCode></AddressInSpain></LegalEntity></SellerParty>
 <BuyerParty><TaxIdentification><TaxIdentificationNumber>FR12345678901</TaxIdentificationNumber></TaxIdentification>
  <Individual><Name>Ana</Name><FirstSurname>García</FirstSurname><SecondSurname>Ruiz</SecondSurname>
  <OverseasAddress><CountryCode>FRA</CountryCode></OverseasAddress></Individual></BuyerParty></Parties>
 <Invoices><Invoice><InvoiceHeader><InvoiceNumber>2026-117</InvoiceNumber><InvoiceClass>OO</InvoiceClass></InvoiceHeader>
  <InvoiceIssueData><IssueDate>2026-11-13</IssueDate><InvoiceCurrencyCode>EUR</InvoiceCurrencyCode></InvoiceIssueData>
  <InvoiceTotals><TotalGrossAmountBeforeTaxes>100.00</TotalGrossAmountBeforeTaxes><TotalTaxOutputs>21.00</TotalTaxOutputs>
   <TotalTaxesWithheld>0.00</TotalTaxesWithheld><InvoiceTotal>121.00</InvoiceTotal>
   <TotalExecutableAmount>121.00</TotalExecutableAmount></InvoiceTotals>
  <PaymentDetails><Installment><InstallmentDueDate>2026-12-13</InstallmentDueDate><AccountToBeCredited>
   <IBAN>ES9121000418450200051332</IBAN></AccountToBeCredited></Installment></PaymentDetails></Invoice></Invoices>
</fe:Facturae>"""


def test_fatturapa() -> None:
    facts = read(italian(ITALIAN_BODY))
    assert (facts.syntax, facts.kind, facts.invoices) == ("FatturaPA", Kind.INVOICE, None)
    assert (facts.number, facts.issued, facts.due) == ("FPR 12/26", "2026-11-13", "2026-12-31")
    assert facts.amounts == Amounts(net="1000.00", tax="220.00", total="1220.00", payable="1020.00")
    assert facts.supplier == Party(
        name="Mario Rossi", vat_id="IT01234567890", tax_id="RSSMRA80A01H501U", country="IT"
    )
    assert facts.buyer == Party(name="Beta Gamma", country="IT")
    assert (facts.payee, facts.order, facts.payment_reference) == ("Banca Factor", "66685", "RF18")
    assert facts.ibans == ("IT60X0542811101000000123456",)


def test_several_bodies_are_counted_and_the_first_is_read() -> None:
    facts = read(italian(ITALIAN_BODY, ITALIAN_BODY.replace("FPR 12/26", "FPR 13/26")))
    assert (facts.invoices, facts.number) == (2, "FPR 12/26")


def test_sums_over_several_rates_are_not_computed() -> None:
    rate = ITALIAN_BODY[ITALIAN_BODY.index("<DatiRiepilogo>") : ITALIAN_BODY.index("</DatiBeniServizi>")]
    amounts = read(italian(ITALIAN_BODY.replace(rate, rate * 2))).amounts
    assert amounts == Amounts(total="1220.00", payable="1020.00")
    polish = POLISH.replace("<P_15>", "<P_13_2>10.00</P_13_2><P_14_2>0.80</P_14_2><P_15>")
    assert read(polish.encode()).amounts == Amounts(total="1230.00")


def test_an_italian_credit_note() -> None:
    assert read(italian(ITALIAN_BODY.replace("TD01", "TD04"))).kind is Kind.CREDIT_NOTE


def test_ksef() -> None:
    facts = read(POLISH.encode())
    assert (facts.syntax, facts.kind) == ("KSeF", Kind.INVOICE)
    assert (facts.number, facts.issued, facts.due) == ("FV/11/2026", "2026-11-13", "2026-11-27")
    assert facts.amounts == Amounts(net="1000.00", tax="230.00", total="1230.00")
    assert facts.supplier == Party(name="Łódź Sp. z o.o.", vat_id="PL5252248481", country="PL")
    assert facts.buyer == Party(name="Käufer AG", vat_id="DE123456789", country="DE")
    assert (facts.ibans, facts.order) == (("PL61109010140000071219812874",), "ZAM/7")


def test_fa_2_is_read_as_fa_3() -> None:
    older = POLISH.replace("2025/06/25/13775", "2023/06/29/12648").replace("FA (3)", "FA (2)")
    assert read(older.encode()).number == "FV/11/2026"


def test_a_polish_correction_is_a_credit_note_if_its_total_is_negative() -> None:
    more = POLISH.replace("<RodzajFaktury>VAT", "<RodzajFaktury>KOR")
    assert read(more.encode()).kind is Kind.INVOICE
    assert read(more.replace("<P_15>", "<P_15>-").encode()).kind is Kind.CREDIT_NOTE


def test_facturae() -> None:
    facts = read(SPANISH.encode())
    assert (facts.syntax, facts.kind) == ("Facturae", Kind.INVOICE)
    assert (facts.number, facts.issued, facts.due) == ("2026-117", "2026-11-13", "2026-12-13")
    assert facts.amounts == Amounts(net="100.00", tax="21.00", total="121.00", payable="121.00")
    assert facts.supplier == Party(name="Ñandú S.L.", tax_id="B12345674", country="ES")
    assert facts.buyer == Party(name="Ana García Ruiz", vat_id="FR12345678901", country="FR")
    assert facts.ibans == ("ES9121000418450200051332",)


def test_a_spanish_total_without_withheld_tax_is_not_the_total() -> None:
    withheld = SPANISH.replace("<TotalTaxesWithheld>0.00", "<TotalTaxesWithheld>15.00")
    assert read(withheld.encode()).amounts.total is None
