//! The order in which DDI-Codebook wants the children of an element, and the names that it has.
//!
//! Source: the sequences of the DDI-Codebook 2.6 schema, which only adds to those of 2.5. Elements
//! whose children may come in any order (mixed text) have no row.

/// Element, then its children in order; sorted by element.
const CHILDREN: &[(&str, &str)] = &[
    ("anlyInfo", "respRate EstSmpErr dataAppr"),
    ("boundPoly", "polygon"),
    ("catgry", "catValu labl txt catStat mrow"),
    ("catgryGrp", "labl catStat txt"),
    ("citation", "titlStmt rspStmt prodStmt distStmt serStmt verStmt biblCit holdings notes"),
    ("codeBook", "docDscr stdyDscr fileDscr dataDscr otherMat"),
    ("codingInstructions", "typeOfCodingInstruction txt command"),
    ("cohort", "range"),
    (
        "controlledVocabUsed",
        "codeListID codeListName codeListAgencyName codeListVersionID codeListURN \
         codeListSchemeURN usage",
    ),
    ("dataAccs", "typeOfAccess setAvail license useStmt notes"),
    (
        "dataColl",
        "timeMeth dataCollector collectorTraining frequenc sampProc sampleFrame \
         targetSampleSize deviat collMode resInstru instrumentDevelopment sources collSitu \
         actMin ConOps weight cleanOps",
    ),
    ("dataDscr", "varGrp nCubeGrp var nCube notes"),
    ("dataFingerprint", "digitalFingerprintValue algorithmSpecification algorithmVersion"),
    ("dataItem", "CubeCoord physLoc"),
    ("derivation", "varRange drvdesc drvcmd"),
    ("developmentActivity", "typeOfDevelopmentActivity description participant resource outcome"),
    ("dimensns", "caseQnty varQnty logRecL recPrCas recNumTot"),
    ("distStmt", "distrbtr contact depositr depDate distDate"),
    ("dmns", "cohort"),
    ("docDscr", "citation guide docStatus docSrc controlledVocabUsed notes"),
    ("docSrc", "titlStmt rspStmt prodStmt distStmt serStmt verStmt biblCit holdings notes"),
    ("exPostEvaluation", "typeOfExPostEvaluation evaluator evaluationProcess outcomes"),
    ("fileCitation", "titlStmt rspStmt prodStmt distStmt serStmt verStmt biblCit holdings notes"),
    ("fileCommand", "drvdesc drvcmd fileDerivationVars"),
    ("fileDerivation", "fileCommand"),
    ("fileDscr", "fileTxt fileDerivation locMap notes"),
    ("fileStrc", "recGrp notes"),
    (
        "fileTxt",
        "fileName fileCitation dataFingerprint fileCont fileStrc dimensns fileType format \
         filePlac dataChck ProcStat dataMsng software verStmt",
    ),
    ("frameUnit", "unitType txt"),
    ("geoBndBox", "westBL eastBL southBL northBL"),
    ("invalrng", "item range key notes"),
    ("locMap", "dataItem"),
    ("metadataAccs", "typeOfAccess license useStmt notes"),
    ("method", "dataColl notes anlyInfo stdyClas dataProcessing codingInstructions"),
    ("mrow", "mi"),
    (
        "nCube",
        "location labl txt universe imputation security embargo respUnit anlysUnit verStmt \
         purpose dmns measure notes",
    ),
    ("nCubeGrp", "labl txt concept defntn universe notes"),
    ("otherMat", "typeOfOtherMaterial labl txt notes table citation otherMat"),
    ("othrStdyMat", "relMat relStdy relPubl othRefs"),
    ("point", "gringLat gringLon"),
    ("polygon", "point"),
    ("prodStmt", "language producer copyright license prodDate prodPlac software fundAg grantNo"),
    (
        "qstn",
        "ExtLink Link div emph head hi list p preQTxt qstnLit postQTxt forward backward \
         ivuInstr",
    ),
    ("qualityStatement", "standardsCompliance otherQualityStatement"),
    ("recDimnsn", "varQnty caseQnty logRecL"),
    ("recGrp", "labl recDimnsn"),
    ("resource", "typeOfDataSrc dataSrc srcOrig srcChar srcDocu"),
    ("row", "entry"),
    ("rspStmt", "AuthEnty othId"),
    (
        "sampleFrame",
        "sampleFrameName labl txt validPeriod custodian useStmt universe frameUnit \
         referencePeriod updateProcedure",
    ),
    ("serStmt", "serName serInfo"),
    (
        "setAvail",
        "typeOfSetAvailability accsPlac origArch avlStatus collSize complete fileQnty notes",
    ),
    ("sourceCitation", "titlStmt rspStmt prodStmt distStmt serStmt verStmt biblCit holdings notes"),
    ("sources", "typeOfDataSrc dataSrc sourceCitation srcOrig srcChar srcDocu sources"),
    ("standard", "standardName producer"),
    ("standardsCompliance", "standard complianceDescription"),
    (
        "stdyDscr",
        "citation studyAuthorization stdyInfo studyDevelopment method dataAccs metadataAccs \
         othrStdyMat notes",
    ),
    ("stdyInfo", "studyBudget subject abstract sumDscr qualityStatement notes exPostEvaluation"),
    ("studyAuthorization", "authorizingAgency authorizationStatement"),
    ("studyDevelopment", "developmentActivity"),
    ("subject", "keyword topcClas"),
    (
        "sumDscr",
        "timePrd collDate nation geogCover geogUnit geoBndBox boundPoly anlyUnit universe \
         dataKind generalDataFormat",
    ),
    ("table", "titl tgroup"),
    ("targetSampleSize", "sampleSize sampleSizeFormula"),
    ("tbody", "row"),
    ("tgroup", "colspec thead tbody"),
    ("thead", "row"),
    ("titlStmt", "titl subTitl altTitl parTitl IDNo"),
    ("usage", "selector specificElements attribute"),
    ("useStmt", "confDec specPerm restrctn contact citReq deposReq conditions disclaimer"),
    ("valrng", "item range key notes"),
    (
        "var",
        "location labl imputation security embargo respUnit anlysUnit qstn valrng invalrng \
         undocCod universe TotlResp sumStat txt stdCatgry catgryGrp catgry codInstr verStmt \
         concept derivation varFormat geoMap catLevel notes",
    ),
    ("varGrp", "labl txt concept defntn universe notes"),
    ("verStmt", "version verResp notes"),
];

/// The names of all elements, sorted, spaces between.
const ELEMENTS: &str = "AuthEnty ConOps CubeCoord EstSmpErr ExtLink IDNo Link ProcStat TotlResp abstract \
    accsPlac actMin algorithmSpecification algorithmVersion altTitl anlyInfo anlyUnit \
    anlysUnit attribute authorizationStatement authorizingAgency avlStatus backward biblCit \
    boundPoly caseQnty catLevel catStat catValu catgry catgryGrp citReq citation cleanOps \
    codInstr codeBook codeListAgencyName codeListID codeListName codeListSchemeURN \
    codeListURN codeListVersionID codingInstructions cohort collDate collMode collSitu \
    collSize collectorTraining colspec command complete complianceDescription concept \
    conditions confDec contact controlledVocabUsed copyright custodian dataAccs dataAppr \
    dataChck dataColl dataCollector dataDscr dataFingerprint dataItem dataKind dataMsng \
    dataProcessing dataSrc defntn depDate deposReq depositr derivation description \
    developmentActivity deviat digitalFingerprintValue dimensns disclaimer distDate distStmt \
    distrbtr div dmns docDscr docSrc docStatus drvcmd drvdesc eastBL embargo emph entry \
    evaluationProcess evaluator exPostEvaluation fileCitation fileCommand fileCont \
    fileDerivation fileDerivationVars fileDscr fileName filePlac fileQnty fileStrc fileTxt \
    fileType format forward frameUnit frequenc fundAg generalDataFormat geoBndBox geoMap \
    geogCover geogUnit grantNo gringLat gringLon guide head hi holdings imputation \
    instrumentDevelopment invalrng item itm ivuInstr key keyword label labl language license \
    list locMap location logRecL measure metadataAccs method mi mrow nCube nCubeGrp nation \
    northBL notes origArch othId othRefs otherMat otherQualityStatement othrStdyMat outcome \
    outcomes p parTitl participant physLoc point polygon postQTxt preQTxt prodDate prodPlac \
    prodStmt producer purpose qstn qstnLit qualityStatement range recDimnsn recGrp recNumTot \
    recPrCas referencePeriod relMat relPubl relStdy resInstru resource respRate respUnit \
    restrctn row rspStmt sampProc sampleFrame sampleFrameName sampleSize sampleSizeFormula \
    security selector serInfo serName serStmt setAvail software sourceCitation sources \
    southBL specPerm specificElements srcChar srcDocu srcOrig standard standardName \
    standardsCompliance stdCatgry stdyClas stdyDscr stdyInfo studyAuthorization studyBudget \
    studyDevelopment subTitl subject sumDscr sumStat table targetSampleSize tbody tgroup \
    thead timeMeth timePrd titl titlStmt topcClas txt typeOfAccess typeOfCodingInstruction \
    typeOfDataSrc typeOfDevelopmentActivity typeOfExPostEvaluation typeOfOtherMaterial \
    typeOfSetAvailability undocCod unitType universe updateProcedure usage useStmt \
    validPeriod valrng var varFormat varGrp varQnty varRange verResp verStmt version weight \
    westBL";

/// Where `child` stands among the children of `parent`; what is not in the schema comes last.
pub fn rank(parent: &str, child: &str) -> usize {
    let Ok(row) = CHILDREN.binary_search_by_key(&parent, |row| row.0) else { return 0 };
    let order = CHILDREN[row].1;
    order.split(' ').position(|name| name == child).unwrap_or(usize::MAX)
}

/// Whether DDI-Codebook has an element of this name.
pub fn exists(name: &str) -> bool {
    ELEMENTS.split(' ').any(|element| element == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_only_elements_that_exist() {
        assert!(CHILDREN.is_sorted_by(|a, b| a.0 < b.0));
        for (parent, children) in CHILDREN {
            assert!(exists(parent) && children.split(' ').all(exists), "{parent}");
        }
    }

    #[test]
    fn labels_come_before_questions() {
        assert!(rank("var", "labl") < rank("var", "qstn"));
        assert_eq!(rank("var", "nonsense"), usize::MAX);
    }
}
